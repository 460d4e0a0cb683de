// The editor on the writing page. Without scripts the text field stays as it is and takes the same HTML.
const area = document.querySelector("textarea[data-editor]");

if (area) {
  // The editor's library writes its own style element; a content security policy forbids that, and our style sheet does the work.
  const style = document.createElement("style");
  style.setAttribute("data-tiptap-style", "");
  document.head.append(style);
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
  const made = kit.createTextareaEditor(area, extensions);
  const dom = (made?.view ?? made?.editor?.view)?.dom ?? document.querySelector(".prose-editor .ProseMirror");
  if (dom) {
    dom.setAttribute("role", "textbox");
    dom.setAttribute("aria-multiline", "true");
    dom.setAttribute("aria-label", "正文");
  }
}
