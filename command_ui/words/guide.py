"""What does the frame of the guide say? Its chapters are files of their own."""

GUIDE: dict[str, tuple[str, str]] = {
    "page.guide": ("使用说明", "Guide"),
    "page.guide.hint": ("怎么用、怎么看、何时不要相信", "How to use and read it, and when not to believe it"),
    "guide.contents": ("目录", "Contents"),
    "guide.find": ("在说明中查找", "Find in the guide"),
    "guide.none": ("没有找到「{text}」", "Nothing found for “{text}”"),
    "guide.next": ("下一章", "Next"),
    "guide.before": ("上一章", "Previous"),
    "guide.keys": ("键盘", "Keyboard"),
}
