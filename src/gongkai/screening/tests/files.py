"""Files made for the tests: each carries words in every place where words can stand."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from PIL import Image

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def changed(data: bytes, change: dict[str, object]) -> bytes:
    """A zip file with members added (bytes or text) or changed (a function of the old text)."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            how = change.get(entry.filename)
            if callable(how):
                content = how(content.decode()).encode()
            elif how is not None:
                continue
            new.writestr(entry.filename, content)
        for name, how in change.items():
            if not callable(how):
                new.writestr(name, how)
    return result.getvalue()


def photo(form: str = "JPEG", *, rotated: bool = False) -> bytes:
    picture = Image.effect_noise((64, 48), 80).convert("RGB")
    exif = Image.Exif()
    exif[0x013B] = "摄影者甲".encode().decode("utf-8")
    exif[0x010F] = "CAMERA"
    if rotated:
        exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (27.0, 30.0, 0.0), 3: "E", 4: (115.0, 45.0, 0.0)})
    result = io.BytesIO()
    picture.save(result, form, exif=exif.tobytes(), **({"comment": b"taken by A"} if form == "JPEG" else {}))
    return result.getvalue()


def word() -> bytes:
    document = docx.Document()
    document.core_properties.author = "起草人甲"
    document.core_properties.last_modified_by = "修改人乙"
    document.add_paragraph("关于公布名单的通知")
    paragraph = document.add_paragraph("各乡镇：")
    inner = paragraph._p
    inner.append(
        docx.oxml.parse_xml(
            f'<w:del {W} w:id="1" w:author="审稿人丙"><w:r><w:delText>删去的13800138001</w:delText></w:r></w:del>'
        )
    )
    inner.append(
        docx.oxml.parse_xml(
            f'<w:ins {W} w:id="2" w:author="审稿人丙"><w:r w:rsidR="00AB12CD"><w:t>插入的话</w:t></w:r></w:ins>'
        )
    )
    inner.append(docx.oxml.parse_xml(f"<w:r {W}><w:rPr><w:vanish/></w:rPr><w:t>藏着的13800138002</w:t></w:r>"))
    run = document.add_paragraph().add_run("有批注的话")
    document.add_comment(run, "批注里的13800138003", author="批注人丁", initials="D")
    table = document.add_table(2, 3)
    for column, (heading, value) in enumerate((("姓名", "李建国"), ("身份证号", "110101199003071233"), ("备注", "无"))):
        table.cell(0, column).text = heading
        table.cell(1, column).text = value
    document.sections[0].header.paragraphs[0].text = "内部资料 注意保存"
    document.sections[0].footer.paragraphs[0].text = "页脚的话"
    document.add_picture(io.BytesIO(photo()))
    box = (
        f'<w:p {W} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>文本框里的话</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    document.element.body.insert(1, docx.oxml.parse_xml(box))
    result = io.BytesIO()
    document.save(result)
    return changed(
        result.getvalue(),
        {
            "customXml/item9.xml": "<a><b>数据岛里的话</b></a>",
            "word/vbaProject.bin": b"\x00macro",
            "word/settings.xml": lambda text: text.replace(
                "</w:settings>", '<w:rsids><w:rsidRoot w:val="00AB12CD"/></w:rsids></w:settings>'
            ),
        },
    )


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = "制表人甲"
    sheet = book.active
    sheet.title = "补贴"
    sheet.append(["姓名", "村组", "金额", "电话"])
    sheet.append(["李建国", "下寨村", 1200, 13800138000])
    sheet.append(["张国强", "上寨村", 1300, 13800138001])
    sheet.append(["王有才", "中寨村", 1400, 13800138002])
    sheet["A2"].comment = Comment("批注里的13800138003", "批注人乙")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet["F4"] = "=C2*2"
    sheet.oddFooter.center.text = "制表：财政股"
    sheet["B4"].hyperlink = "https://www.example.gov.cn/a"
    secret = book.create_sheet("底册")
    secret.sheet_state = "hidden"
    secret["A1"] = "身份证110101199003071233"
    book.defined_names["经办人"] = DefinedName("经办人", attr_text="底册!$A$1")
    blank = sheet["E2"]
    blank.value, blank.number_format = "不显示的字", ";;;"
    result = io.BytesIO()
    book.save(result)
    return changed(
        result.getvalue(),
        {
            "xl/pivotCache/pivotCacheDefinition1.xml": '<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/'
            'spreadsheetml/2006/main"><cacheFields><cacheField name="身份证"><sharedItems><s v="110101199003071233"/>'
            "</sharedItems></cacheField></cacheFields></pivotCacheDefinition>",
            "xl/externalLinks/externalLink1.xml": '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
            '2006/main"><externalBook><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>外面的13800138009</v>'
            "</cell></row></sheetData></sheetDataSet></externalBook></externalLink>",
        },
    )


def _slide(*texts: str, hidden: bool = False) -> str:
    shapes = "".join(
        f'<p:sp><p:nvSpPr><p:cNvPr id="{n}" name="s"{" hidden=" + chr(34) + "1" + chr(34) if "藏图形" in text else ""}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
        for n, text in enumerate(texts, 2)
    )
    return (
        '<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"{" show=" + chr(34) + "0" + chr(34) if hidden else ""}>'
        f'<p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{shapes}'
        "</p:spTree></p:cSld></p:sld>"
    )


def _relations(*rows: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in rows)
    return f'<Relationships xmlns="{RELATIONS}">{inner}</Relationships>'


def presentation() -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.presentationml"
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/ppt/presentation.xml" ContentType="{kind}.presentation.main+xml"/>'
            + "".join(f'<Override PartName="/ppt/slides/slide{n}.xml" ContentType="{kind}.slide+xml"/>' for n in (1, 2))
            + f'<Override PartName="/ppt/notesSlides/notesSlide1.xml" ContentType="{kind}.notesSlide+xml"/>'
            f'<Override PartName="/ppt/comments/comment1.xml" ContentType="{kind}.comments+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            _relations(
                ("r1", "officeDocument", "ppt/presentation.xml"), ("r2", "extended-properties", "docProps/app.xml")
            ),
        )
        archive.writestr(
            "docProps/app.xml",
            '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Company>制作单位</Company></Properties>',
        )
        archive.writestr(
            "ppt/presentation.xml",
            '<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
            f'xmlns:r="{OFFICE}"><p:sldIdLst><p:sldId id="256" r:id="r1"/><p:sldId id="257" r:id="r2"/></p:sldIdLst></p:presentation>',
        )
        archive.writestr(
            "ppt/_rels/presentation.xml.rels",
            _relations(("r1", "slide", "slides/slide1.xml"), ("r2", "slide", "slides/slide2.xml")),
        )
        archive.writestr("ppt/slides/slide1.xml", _slide("第一页的话", "藏图形13800138004"))
        archive.writestr("ppt/slides/slide2.xml", _slide("隐藏页13800138005", hidden=True))
        archive.writestr(
            "ppt/slides/_rels/slide1.xml.rels",
            _relations(
                ("r1", "notesSlide", "../notesSlides/notesSlide1.xml"), ("r2", "comments", "../comments/comment1.xml")
            ),
        )
        archive.writestr(
            "ppt/notesSlides/notesSlide1.xml",
            _slide("备注13800138006").replace("p:sld ", "p:notes ").replace("/p:sld>", "/p:notes>"),
        )
        archive.writestr(
            "ppt/comments/comment1.xml",
            '<p:cmLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cm><p:text>批注13800138007</p:text></p:cm></p:cmLst>',
        )
    return result.getvalue()


def pdf(*, covered: bool = False, white: bool = False) -> bytes:
    import weasyprint
    from pypdf import PdfReader, PdfWriter
    from pypdf.annotations import Text
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    box = (
        '<div style="position:absolute;top:40pt;left:0;width:400pt;height:40pt;background:#000"></div>'
        if covered
        else ""
    )
    page = (
        "<meta name=author content=起草人甲><body style='font-family:sans-serif'>"
        f"<p style='margin:0'>PAGE 13800138000</p><p style='position:absolute;top:50pt;margin:0'>UNDER 13800138001</p>{box}"
        f"<p style='position:absolute;top:150pt;color:{'#fff' if white else '#333'}'>WHITE 13800138002</p>"
        "<p style='position:absolute;top:200pt;color:#fff;background:#123'>TABLE HEAD</p><a style='position:absolute;top:250pt' href='https://www.example.gov.cn/'>link</a>"
    )
    data = weasyprint.HTML(string=page).write_pdf()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.add_metadata({"/Author": "起草人甲", "/Title": "标题"})
    writer.add_attachment("底稿.txt", "附件里的13800138003".encode())
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer.root_object[NameObject("/OpenAction")] = script
    note = Text(rect=(50, 50, 80, 80), text="REMARK 13800138004")
    writer.add_annotation(0, note)
    result = io.BytesIO()
    writer.write(result)
    return result.getvalue()


def page() -> bytes:
    return """<!doctype html><html><head><meta charset="utf-8"><meta name="author" content="网页作者"><title>标题</title>
    <script>var phone = "13800138001";</script></head><body><h1>通知</h1><!-- 内部说明13800138002 -->
    <p>正文<span style="display:none">藏着的13800138003</span></p><div hidden>不显示的13800138004</div>
    <table><tr><th>学生姓名</th><th>学校</th></tr><tr><td>王小丫</td><td>一小</td></tr></table>
    <input type="hidden" value="13800138005"><a href="http://10.1.2.3/a">链接</a><img alt="图示" src="a.png"></body></html>""".encode()


def ofd() -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        archive.writestr(
            "OFD.xml",
            '<o:OFD xmlns:o="http://www.ofdspec.org/2016"><o:DocBody><o:DocInfo><o:Author>起草人甲</o:Author></o:DocInfo><o:DocRoot>Doc_0/Document.xml</o:DocRoot></o:DocBody></o:OFD>',
        )
        archive.writestr("Doc_0/Document.xml", '<o:Document xmlns:o="http://www.ofdspec.org/2016"/>')
        archive.writestr(
            "Doc_0/Pages/Page_0/Content.xml",
            '<o:Page xmlns:o="http://www.ofdspec.org/2016"><o:Content><o:Layer><o:TextObject><o:TextCode>手机13800138000</o:TextCode></o:TextObject></o:Layer></o:Content></o:Page>',
        )
    return result.getvalue()


def packed(**files: bytes) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return result.getvalue()
