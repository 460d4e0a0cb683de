import pytest
from gongkai.core.search.testing import fresh_index
from gongkai.core.search import service, index, SearchDocument, AttachedText
from gongkai.core.search.query import PUBLIC
import datetime as dt
@pytest.mark.django_db
def test_it(fresh_index):
    docs=[SearchDocument("x",1,"云溪区既有住宅加装电梯补贴办法","/1",body="四层、五层每台18万元。\n加装电梯的补贴由区级财政承担。",numbers=("临云政规〔2026〕3号",),category="政策文件",validity="现行有效",day=dt.date(2026,5,18),public=True,unit=5,unit_name="区政府"),
      SearchDocument("x",2,"關於住房公積金提取的通知","/2",body="職工提取住房公積金",attachments=(AttachedText("表.xls","加装电梯 补贴 加装电梯补贴"),),category="通知",day=dt.date(2025,5,18),public=True),
      SearchDocument("x",3,"内部","/3",body="加装电梯补贴内部意见",unit=7)]
    i=index.current(); i.update(docs)
    for q in ("加装电梯补贴","公积金提取","临云政规2026 3","2026年3号","临云政规3号","云政规〔2026〕3号","2026年5月18日","公","电","每台18万元","低保","加装电体补贴","怎么申请电梯补贴啊","增设电梯"):
        r=service.find(q,PUBLIC)
        print(q,r.total,[ (h.title,h.snippet,h.attachment_hits) for h in r.hits][:2],r.expansions,r.strict,r.parts,r.meant,round(r.seconds*1e3,1))
    print(r.facets, service.suggest("加装"))
    i.update([],[("x",1)])
    print(service.find("加装电梯补贴",PUBLIC).total, list(i.fingerprints()))
