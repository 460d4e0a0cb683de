"""Staff addresses of disclosure on request."""

from __future__ import annotations

from django.urls import path, re_path

from gongkai.requests.views import board, entry, lists, reply

app_name = "requests"

urlpatterns = [
    path("", lists.index, name="index"),
    path("board/", board.board, name="board"),
    path("load/", board.load, name="load"),
    path("enter/", entry.enter, name="enter"),
    re_path(r"^(?P<pk>\d{1,18})/receipt\.(?P<form>pdf|docx)$", entry.receipt, name="receipt"),
    path("outbox/", reply.outbox, name="outbox"),
    re_path(r"^(?P<pk>\d{1,18})/reply/$", reply.reply, name="reply"),
    re_path(r"^(?P<pk>\d{1,18})/reply/letter\.(?P<form>pdf|docx)$", reply.draft_letter, name="reply-letter"),
    re_path(r"^(?P<pk>\d{1,18})/file/$", reply.case_file, name="file"),
]
