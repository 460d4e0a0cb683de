// The editor on the writing page. Without scripts the text field stays as it is and takes the same HTML.
const area = document.querySelector("textarea[data-editor]");

if (area) {
  // The editor would write a style element of its own, which the content security policy forbids; our style sheet does that work.
  // It looks for an element of this name first: one of another namespace is found and styles nothing.
  const style = document.createElementNS("urn:gongkai", "style");
  style.setAttribute("data-tiptap-style", "");
  document.head.append(style);
  // The editor asks this function for its words.
  const words = {
    "Update": "更新", "Cancel": "取消", "Image URL": "图片地址", "Browse...": "选择…", "Alternative Text": "图片说明",
    "Caption": "图注", "Edit Figure": "编辑图片", "Edit Image": "编辑图片", "Insert Figure": "插入图片", "Insert": "插入",
    "Remove caption": "去掉图注", "Add caption": "加图注", "Edit HTML": "编辑源代码", "Prettify": "整理格式", "URL": "网址",
    "Title": "标题", "Open in new window": "在新窗口打开", "Edit Link": "编辑链接", "List properties": "列表属性",
    "Decimal numbers": "数字", "Lowercase letters": "小写字母", "Uppercase letters": "大写字母",
    "Lowercase Roman numerals": "小写罗马数字", "Uppercase Roman numerals": "大写罗马数字", "Bullets": "圆点",
    "Start at": "起始编号", "List type": "列表类型", "Rows": "行数", "Columns": "列数", "Include header row": "第一行是表头",
    "Table Properties": "表格属性", "Insert Table": "插入表格", "Block style": "段落样式", "Reset all classes": "去掉样式", "default": "普通", "Default": "普通", "Paragraph": "正文",
    "paragraph": "正文", "heading": "标题", "Heading": "标题", "center": "居中", "right": "居右", "sign": "落款", "flush": "顶格",
    "number": "文号", "mark": "机关标志", "note": "附注", "enclosure": "附件说明", "ttl": "大标题",
  };
  window.gettext = (text) => words[text] ?? text;
  const kit = await import(area.dataset.editor);
  const alignment = ["center", "right", "sign", "flush", "number", "mark", "note", "enclosure"];
  const extensions = [
    kit.Document,
    kit.Paragraph,
    kit.Text,
    kit.HardBreak,
    kit.Heading.configure({ levels: [2, 3, 4] }),
    kit.Bold,
    kit.Underline,
    kit.Subscript,
    kit.Superscript,
    kit.BulletList,
    kit.OrderedList,
    kit.ListItem,
    kit.Blockquote,
    kit.HorizontalRule,
    kit.Link,
    kit.Image,
    kit.Table,
    kit.TableRow,
    kit.TableHeader,
    kit.TableCell,
    kit.NodeClass.configure({ cssClasses: { paragraph: alignment, heading: ["ttl", "center"] } }),
    kit.HTML,
    kit.History,
    kit.Dropcursor,
    kit.Gapcursor,
    kit.NoSpellCheck,
    kit.Menu,
  ].filter(Boolean);
  kit.createTextareaEditor(area, extensions);
  // The editor mounts itself a moment later.
  const mounted = () => document.querySelector(".prose-editor:has(.prose-menubar) .ProseMirror[contenteditable]");
  for (let waited = 0; waited < 100 && !mounted(); waited += 1) await new Promise(requestAnimationFrame);
  const dom = mounted();
  if (dom) {
    dom.setAttribute("role", "textbox");
    dom.setAttribute("aria-multiline", "true");
    dom.setAttribute("aria-label", "正文");
    // Some labels of the menu are not asked for: they are put into words where they appear.
    const menu = dom.closest(".prose-editor").querySelector(".prose-menubar");
    const say = () => {
      const walker = document.createTreeWalker(menu, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const told = walker.currentNode.data.replace(/[A-Za-z][A-Za-z ]*[A-Za-z]/g, (text) => words[text] ?? text);
        if (told !== walker.currentNode.data) walker.currentNode.data = told;
      }
      for (const button of menu.querySelectorAll("[aria-label]")) {
        const name = button.getAttribute("aria-label");
        if (words[name]) button.setAttribute("aria-label", words[name]);
      }
    };
    if (menu) {
      say();
      new MutationObserver(say).observe(menu, { childList: true, subtree: true, characterData: true });
    }
  }
}
