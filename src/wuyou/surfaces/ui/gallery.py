"""The living gallery: every component with realistic content, shown only in debug.

The contents are samples in two languages, as members would write them; they are not part of the catalogue.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.ui import parts, pictures
from wuyou.surfaces.ui.templatetags.ui import FIELD_COUNT

PATTERNS: Final = ("home", "product", "team", "order", "console", "sign-in")


def _say(en: str, zh: str) -> str:
    return zh if (get_language() or "").startswith("zh") else en


def _yuan(minor: int) -> Money:
    return Money(minor, Currency.CNY)


def _people() -> tuple[parts.Person, ...]:
    rows = (
        ("Lin Qiao", "林巧", "woman", "leader", "团长"),
        ("Bear’s mum", "小熊妈妈", "bear", "", ""),
        ("Old Zhao", "老赵", "grandfather", "", ""),
        ("Mia", "米娅", "rabbit", "", ""),
        ("Chen Yu", "陈屿", "", "", ""),
        ("Fox & Co", "狐狸一家", "fox", "", ""),
        ("Granny Wu", "吴奶奶", "grandmother", "", ""),
    )
    return tuple(
        parts.Person(id=number, name=_say(en, zh), picture=picture, note=_say(note_en, note_zh), href="#people")
        for number, (en, zh, picture, note_en, note_zh) in enumerate(rows, start=3)
    )


def _products() -> tuple[parts.ProductCard, ...]:
    people = _people()
    href = reverse("ui:pattern", args=["product"])
    rows = (
        ("Teddy bear that can be washed at 60°", "可六十度水洗的泰迪熊", "teddy-bear", 12900, 8900, 3, 4),
        ("Glass baby bottle, 240 ml, slow flow", "玻璃奶瓶 240 毫升 慢流量", "baby-bottle", 7900, 5900, 5, 2),
        ("Yangshan honey peaches, 12 from one tree", "阳山水蜜桃 一棵树上的十二只", "peach", 9900, 6880, 10, 6),
        ("First walker shoes, soft sole", "软底学步鞋", "sneakers", 16900, 11900, 3, 1),
        ("Wooden puzzle in beech", "榉木拼图", "puzzle", 4900, 3900, 2, 0),
        ("75 % keyboard, hot-swap, quiet", "75% 热插拔静音键盘", "keyboard", 45900, 36900, 5, 3),
        ("Picture books for ages 0–3, set of 8", "0–3 岁绘本 八册", "books", 15800, 9800, 3, 2),
        ("Organic cotton socks, 5 pairs", "有机棉童袜 五双", "socks", 3990, 2990, 3, 0),
        ("Spring longjing, 50 g, hand-fired", "明前龙井 手炒 50 克", "tea", 26800, 19800, 3, 1),
        ("Rangefinder camera, serviced, 90 days’ care", "旁轴相机 已保养 质保九十天", "camera", 189900, None, 0, 0),
        ("Bath duck without a hole", "没有洞的洗澡鸭", "duck", 1990, 1490, 2, 5),
        ("Sun hat with neck flap, UPF 50", "护颈遮阳帽 UPF50", "sun-hat", 6900, 4900, 3, 0),
    )
    mark = parts.Chip(_say("Earns commission", "带佣金"), icon="coin")
    return tuple(
        parts.ProductCard(
            id=number,
            title=_say(en, zh),
            href=href,
            picture=picture,
            price_alone=_yuan(alone),
            price_team=_yuan(team) if team is not None else None,
            team_size=size,
            open_team_count=open_count,
            people=people[number % 3 : number % 3 + 3],
            marks=(mark,) if number == 4 else (),
        )
        for number, (en, zh, picture, alone, team, size, open_count) in enumerate(rows, start=1)
    )


def _teams() -> tuple[parts.TeamRow, ...]:
    now, people, href = utc_now(), _people(), reverse("ui:pattern", args=["team"])
    return (
        parts.TeamRow(1, people[0], people[:2], 3, now + timedelta(hours=3, minutes=12), href, href),
        parts.TeamRow(2, people[3], people[3:4], 3, now + timedelta(hours=21, minutes=40), href, href),
        parts.TeamRow(3, people[6], people[5:], 3, now + timedelta(days=1, hours=2), href, href),
    )


def _steps() -> tuple[parts.Step, ...]:
    now = utc_now()
    return (
        parts.Step(_say("Paid", "已付款"), "done", now - timedelta(hours=30)),
        parts.Step(_say("Team complete", "已成团"), "done", now - timedelta(hours=26), _say("3 of 3", "3 人齐了")),
        parts.Step(
            _say("On its way", "运输中"),
            "current",
            now - timedelta(hours=2),
            _say("SF 1420 8831 7", "顺丰 1420 8831 7"),
        ),
        parts.Step(_say("Received", "已收货"), "next"),
    )


def _figures() -> tuple[parts.Figure, ...]:
    return (
        parts.Figure(
            _say("Paid orders", "已付订单"),
            1284,
            _say("Orders paid in the last 7 days, refunds not taken off.", "最近七天付款的订单，不减退款。"),
            _say("+9 % on the week before", "比上周 +9%"),
        ),
        parts.Figure(
            _say("Sales", "销售额"),
            _yuan(8_412_650),
            _say("What buyers paid for those orders, delivery included.", "这些订单买家实付，含运费。"),
            _say("after refunds ¥81,990.10", "减退款后 ¥81,990.10"),
        ),
        parts.Figure(
            _say("Teams completed", "成团率"),
            "73.4%",
            _say("Of the teams whose time is over, those that formed.", "到时的团里，成了的占比。"),
            _say("412 of 561", "561 个里 412 个"),
        ),
        parts.Figure(
            _say("To be paid out", "待结算"),
            _yuan(1_204_418),
            _say("Commission of received orders, not yet settled.", "已收货、未结算订单的佣金。"),
            _say("next on 1 December", "下次 12 月 1 日"),
        ),
    )


def _table() -> parts.Table:
    now, people = utc_now(), _people()
    states = (
        parts.Chip(_say("Team open", "拼团中"), "amber", "clock"),
        parts.Chip(_say("To send", "待发货"), "accent", "package"),
        parts.Chip(_say("Received", "已收货"), "jade", "check"),
        parts.Chip(_say("Refunded", "已退款")),
    )
    return parts.Table(
        caption=_say("Orders", "订单"),
        columns=(
            parts.Column(_say("Order", "订单号")),
            parts.Column(_say("Buyer", "买家")),
            parts.Column(_say("State", "状态")),
            parts.Column(_say("Placed", "下单"), sort_href="#table", sorted="descending"),
            parts.Column(_say("Pieces", "件数"), numeric=True),
            parts.Column(_say("Paid", "实付"), numeric=True, sort_href="#table"),
        ),
        rows=tuple(
            parts.Row(
                (
                    f"2611210{number}4471",
                    people[number],
                    states[number % 4],
                    now - timedelta(hours=7 * number, minutes=13 * number),
                    number % 3 + 1,
                    _yuan(8900 * (number % 3 + 1) - 510 * number),
                ),
                href="#table",
            )
            for number in range(6)
        ),
    )


def _facts() -> tuple[parts.Fact, ...]:
    return (
        parts.Fact(_say("Goods", "商品"), _yuan(8900)),
        parts.Fact(_say("Delivery", "运费"), _yuan(0)),
        parts.Fact(_say("Team leader’s thanks", "团长优惠"), _yuan(-300)),
        parts.Fact(_say("Paid", "实付"), _yuan(8600), total=True),
        parts.Fact(_say("Placed", "下单时间"), utc_now() - timedelta(hours=30)),
        parts.Fact(_say("Sold by", "卖家"), parts.Link(_say("Little Bear House", "小熊之家"), "#facts")),
    )


def _variants() -> tuple[parts.Choice, ...]:
    return (
        parts.Choice("honey", _say("Honey, 28 cm", "蜂蜜色 28 厘米"), chosen=True),
        parts.Choice("cocoa", _say("Cocoa, 28 cm", "可可色 28 厘米")),
        parts.Choice("large", _say("Honey, 45 cm", "蜂蜜色 45 厘米"), note=_say("sold out", "售罄"), disabled=True),
    )


class _SampleForm(forms.Form):
    def __init__(self) -> None:
        super().__init__({"name": _say("Lin Qiao", "林巧"), "phone": "138", "city": "sh"}, auto_id="sample_%s")
        self.fields["name"] = forms.CharField(label=_say("Name", "收货人"))
        self.fields["phone"] = forms.RegexField(
            r"\d{11}",
            label=_say("Phone", "手机号"),
            help_text=_say("Only the courier sees it.", "只给快递员看。"),
            error_messages={"invalid": _say("A phone number has 11 digits.", "手机号是 11 位数字。")},
        )
        self.fields["city"] = forms.ChoiceField(
            label=_say("City", "城市"), choices=[("sh", _say("Shanghai", "上海")), ("wx", _say("Wuxi", "无锡"))]
        )
        self.fields["note"] = forms.CharField(
            label=_say("Note to the seller", "给卖家的话"), required=False, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.fields["keep"] = forms.BooleanField(label=_say("Keep this address", "保存这个地址"), required=False)


def _shell() -> dict[str, object]:
    home, team, order = (reverse("ui:pattern", args=[name]) for name in ("home", "team", "order"))
    return {
        "nav": (
            parts.NavItem("home", _say("Home", "首页"), home, "home"),
            parts.NavItem("things", _say("Things", "物"), order, "packages"),
            parts.NavItem("new", _say("Share a thing", "发布"), team, "plus", lead=True),
            parts.NavItem("talk", _say("Talk", "聊"), reverse("ui:gallery"), "message-circle", count=3),
            parts.NavItem("me", _say("Me", "我"), reverse("ui:pattern", args=["sign-in"]), "user-circle"),
        ),
        "search_href": home,
        "console_name": _say("Staff", "后台"),
        "console_nav": (
            parts.NavGroup(
                _say("Today", "今天"),
                (
                    parts.NavItem("today", _say("Overview", "总览"), "#today", "layout-dashboard"),
                    parts.NavItem("orders", _say("Orders", "订单"), "#orders", "receipt", count=12),
                    parts.NavItem("teams", _say("Teams", "团"), "#teams", "users-group"),
                ),
            ),
            parts.NavGroup(
                _say("Money", "钱"),
                (
                    parts.NavItem("ledger", _say("Ledger", "账本"), "#ledger", "scale"),
                    parts.NavItem("statements", _say("Statements", "对账单"), "#statements", "report-money"),
                ),
            ),
        ),
        "now": utc_now(),
    }


def _samples() -> dict[str, object]:
    people, products, teams = _people(), _products(), _teams()
    return {
        "people": people,
        "three": people[:3],
        "two": people[:2],
        "products": products,
        "product": products[0],
        "audiences": (
            parts.AudienceChip(_say("Everyone", "所有人"), "world"),
            parts.AudienceChip(_say("Friends, without 2 people", "朋友，2 人除外"), "heart-handshake"),
            parts.AudienceChip(_say("Classmates, 3 people", "同学、3 人"), "users-group"),
            parts.AudienceChip(_say("Only me", "仅自己"), "lock", is_private=True),
        ),
        "saving": _yuan(4000),
        "teams": teams,
        "team": teams[0],
        "steps": _steps(),
        "figures": _figures(),
        "table": _table(),
        "facts": _facts(),
        "variants": _variants(),
        "form": _SampleForm(),
        "variants_label": _say("Colour and size", "颜色和尺寸"),
        "pieces_label": _say("Pieces", "件数"),
        "promise_title": _say("Complete or your money back", "不成团就全额退"),
        "promise": _say(
            "If a place is still free when the clock runs out, everyone is refunded in full, the way they paid.",
            "倒计时结束还没满，每个人都原路全额退款。",
        ),
        "team_steps": (
            parts.Step(_say("Lin Qiao opened this team", "林巧开了这个团"), "done", utc_now() - timedelta(hours=5)),
            parts.Step(
                _say("Waiting for one more", "还差一个人"),
                "current",
                note=_say("share it with a friend", "发给朋友看看"),
            ),
            parts.Step(_say("Sent within 48 hours", "成团后 48 小时内发货"), "next"),
        ),
        "table_intro": _say("What was bought in your shop, newest first.", "店里的订单，新的在前。"),
        "home_tabs": (
            parts.Tab(_say("For you", "推荐"), "#", True),
            parts.Tab(_say("Babies", "母婴"), "#"),
            parts.Tab(_say("Kitchen", "厨房"), "#"),
            parts.Tab(_say("Fresh", "生鲜"), "#"),
            parts.Tab(_say("Desk", "桌面"), "#"),
        ),
        "deadline_days": utc_now() + timedelta(days=2, hours=4),
        "tabs": (
            parts.Tab(_say("All", "全部"), "#tabs", True),
            parts.Tab(_say("To pay", "待付款"), "#tabs", count=1),
            parts.Tab(_say("Teams open", "拼团中"), "#tabs", count=2),
            parts.Tab(_say("To receive", "待收货"), "#tabs", count=0),
            parts.Tab(_say("Done", "已完成"), "#tabs"),
        ),
        "paging": parts.Paging("#pagination", "#pagination", "21–40"),
        "empty": parts.Empty(
            _say("Nothing on this shelf yet", "这层架子还空着"),
            _say("Add the first thing you would tell a friend about.", "放上第一件你会跟朋友说起的东西。"),
            "teapot",
            parts.Action(_say("Add a thing", "添一件"), "#empty", "primary", "plus"),
        ),
        "actions": (
            parts.Action(_say("Export", "导出"), "#page-header", icon="download"),
            parts.Action(_say("New team", "开新团"), "#page-header", "primary", "plus"),
        ),
        "title": _say("Teddy bear that can be washed at 60°", "可六十度水洗的泰迪熊"),
        "seller": parts.Person(
            9, _say("Little Bear House", "小熊之家"), "#people", "bear", _say("Wuxi · 4.9", "无锡 · 4.9")
        ),
    }


def _require_debug() -> None:
    if not settings.DEBUG:
        raise Http404


def show_gallery(request: HttpRequest) -> HttpResponse:
    """Every component on one page."""
    _require_debug()
    if "toast" in request.GET:
        messages.success(request, _say("Saved", "已保存"))
    context = {
        **_shell(),
        **_samples(),
        "nav_current": "talk",
        "patterns": PATTERNS,
        "grounds": range(1, FIELD_COUNT + 1),
        "things": pictures.THINGS,
        "faces": pictures.FACES,
        "icons": sorted(pictures.ICONS),
    }
    return render(request, "ui/gallery.html", context)


def show_pattern(request: HttpRequest, name: str) -> HttpResponse:
    """One page put together from components."""
    _require_debug()
    if name not in PATTERNS:
        raise Http404
    page = int(request.GET.get("page", "1"))
    context = {
        **_shell(),
        **_samples(),
        "nav_current": {"console": "orders"}.get(name, "home"),
        "next_href": f"?page={page + 1}" if page < 3 else "",
    }
    return render(request, f"ui/patterns/{name}.html", context)
