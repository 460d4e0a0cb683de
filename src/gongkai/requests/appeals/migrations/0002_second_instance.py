"""Keep the judgment of first instance on the suit itself, so that an earlier year's table stands when it is opened again."""

from django.db import migrations, models

RESULTS = [
    ("upheld", "维持"),
    ("claim_dismissed", "驳回复议请求、诉讼请求"),
    ("revoked", "撤销（含部分撤销）"),
    ("changed", "变更"),
    ("illegal", "确认违法"),
    ("void", "确认无效"),
    ("ordered", "责令履行"),
    ("not_accepted", "不予受理、不予立案"),
    ("rejected", "驳回复议申请、裁定驳回起诉"),
    ("withdrawn", "撤回申请、撤诉"),
    ("mediated", "调解、和解"),
    ("ended", "其他终止、终结"),
]


class Migration(migrations.Migration):
    dependencies = [("appeals", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="appeal",
            name="first_decided_on",
            field=models.DateField(blank=True, null=True, verbose_name="一审文书日期"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="first_result",
            field=models.CharField(blank=True, choices=RESULTS, db_default="", max_length=16, verbose_name="一审结果"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="second_on",
            field=models.DateField(blank=True, null=True, verbose_name="进入二审之日"),
        ),
    ]
