"""Which of the pictures that ship stands for a good whose own picture cannot be reached: by words of its name."""

from __future__ import annotations

_BY_WORD = (
    ("牙刷", "toothbrush"), ("耳机", "headphones"), ("键盘", "keyboard"), ("鼠标", "mouse"), ("相机", "camera"),
    ("毛巾 浴 拖把", "bathtub"), ("皂", "soap"), ("灯", "lamp"), ("伞", "umbrella"), ("镜", "sunglasses"),
    ("枕 被 床 四件套 三件套 垫 毯 毛毯 蚊帐 凉席", "bed"),
    ("椅 沙发 凳 榻", "armchair"), ("锅 煲", "pot"), ("煎", "pan"),
    ("壶", "teapot"), ("咖啡", "coffee"), ("杯 茶", "tea"), ("碗 盘 碟 餐具", "bowl"), ("勺 筷 刀 铲", "spoon"),
    ("袜", "socks"), ("鞋 靴", "shoes"), ("手套", "gloves"), ("围巾 丝巾 披肩", "scarf"), ("帽", "cap"),
    ("短裤 内裤", "shorts"), ("裤", "jeans"), ("裙", "skirt"), ("大衣 外套 夹克 羽绒 风衣", "coat"),
    ("T恤 衫 衣 背心 文胸 毛衫", "t-shirt"), ("背包 双肩 箱", "backpack"), ("包", "handbag"), ("表", "watch"),
    ("奶瓶", "baby-bottle"), ("熊 玩偶 公仔 玩具", "teddy-bear"), ("积木", "blocks"), ("拼图", "puzzle"),
    ("球", "football"),
    ("蜂蜜", "honey"), ("奶", "milk"), ("饼 酥 糕 曲奇 零食", "cookie"), ("面 粉", "noodles"), ("橙 橘 柚", "orange"),
    ("桃", "peach"), ("莓", "strawberry"), ("葡萄 提子", "grapes"), ("樱桃 枣 梅 果 仁 坚", "cherries"),
    ("酒 汁 饮", "juice"),
    ("米 粮 豆", "corn"), ("洗 液 乳 霜 露 膏 精油 面膜", "lotion"), ("口红 唇", "lipstick"), ("花 香薰", "flowers"),
    ("盆 绿植", "plant"), ("笔", "pen"), ("本 册", "notebook"), ("书", "book"), ("篮 筐 收纳", "basket"),
    ("桶", "bucket"),
    ("毛线 羊毛", "yarn"), ("吉他", "guitar"), ("车", "toy-car"),
)  # fmt: skip
_BY_KIND = {
    "居家": "armchair", "餐厨": "bowl", "饮食": "cookie", "配件": "handbag", "服装": "t-shirt", "婴童": "teddy-bear",
    "杂货": "basket", "洗护": "lotion", "志趣": "notebook",
}  # fmt: skip


def picture_of(name: str, category: str, kind: str) -> str:
    """A picture of the interface's set: by the name, else by the category, else by the kind of goods."""
    for text in (name, category):
        for words, picture in _BY_WORD:
            if any(word in text for word in words.split()):
                return picture
    return _BY_KIND.get(kind, "gift")
