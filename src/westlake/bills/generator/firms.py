"""Invented firms: their names in three languages, size, trade, cloud accounts and who is related to whom.

Sizes and spending follow section 7 of the design: micro 55 / small 30 / medium 11 / large 4 %, monthly spend
lognormal with medians of 1.5k, 8k, 60k and 500k yuan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from westlake.bills.generator.catalogue import BY_ID, PROVIDERS, RELATED_SELLER
from westlake.chance import stream
from westlake.dates import DAY_MAX, day_number
from westlake.register.spans import AccountSpan, RelatedParty

SIZES = ("micro", "small", "medium", "large")
SIZE_SHARES = (0.55, 0.30, 0.11, 0.04)
SPEND_MEDIAN_YUAN = (1_500, 8_000, 60_000, 500_000)
STAFF_MEDIAN = (6, 40, 180, 900)
FIRST_DAY = day_number(2020, 1, 1)
TRADES = ((0.005, "declared"), (0.0075, "undeclared"), (0.0125, "arms_length"))  # shares of firms, added up

FIRST = (
    ("Reed", "리드", "芦苇"), ("Heron", "헤론", "苍鹭"), ("Lotus", "로터스", "荷风"), ("Willow", "윌로", "柳岸"),
    ("Bamboo", "뱀부", "翠竹"), ("Osmanthus", "오스만", "金桂"), ("Swallow", "스왈로", "春燕"),
    ("Pine", "파인", "青松"), ("Orchid", "오키드", "兰溪"), ("Jade", "제이드", "碧玉"), ("Moon", "문", "望月"),
    ("Spring", "스프링", "清泉"), ("Bridge", "브리지", "断桥"), ("Tide", "타이드", "潮信"),
    ("Cloud", "클라우드", "云栖"), ("Lake", "레이크", "湖畔"), ("Crane", "크레인", "白鹤"),
    ("Kingfisher", "킹피셔", "翠鸟"), ("Tea", "티", "龙井"), ("Silk", "실크", "锦丝"), ("Plum", "플럼", "寒梅"),
    ("Dragonfly", "드래곤플라이", "蜻蜓"), ("Carp", "카프", "锦鲤"), ("Maple", "메이플", "枫林"),
    ("Dawn", "던", "晨曦"), ("Harbour", "하버", "港湾"), ("Granite", "그래닛", "花岗"), ("Lantern", "랜턴", "灯火"),
    ("Magpie", "맥파이", "喜鹊"), ("Cedar", "시더", "雪杉"), ("River", "리버", "江南"),
    ("Island", "아일랜드", "三潭"), ("Pearl", "펄", "明珠"), ("Peony", "피어니", "牡丹"),
    ("Sparrow", "스패로", "云雀"), ("Mist", "미스트", "烟雨"), ("Summit", "서밋", "孤山"),
    ("Causeway", "코즈웨이", "苏堤"), ("Pagoda", "파고다", "雷峰"), ("Meadow", "메도", "绿野"),
    ("Ginkgo", "징코", "银杏"), ("Amber", "앰버", "琥珀"), ("Egret", "이그렛", "白鹭"), ("Bell", "벨", "晚钟"),
    ("Azalea", "아젤리아", "杜鹃"), ("Copper", "코퍼", "赤铜"), ("Otter", "오터", "水獭"), ("Falcon", "팰컨", "飞隼"),
)
SECOND = (
    ("Analytics", "애널리틱스", "数据"), ("Robotics", "로보틱스", "机器人"), ("Render", "렌더", "渲染"),
    ("Software", "소프트웨어", "软件"), ("Bio", "바이오", "生物"), ("Vision", "비전", "视觉"),
    ("Health", "헬스", "医疗"), ("Games", "게임즈", "游戏"), ("Logistics", "로지스틱스", "物流"),
    ("Energy", "에너지", "能源"), ("Finance", "핀테크", "金科"), ("Learning", "러닝", "教育"),
    ("Semiconductor", "반도체", "半导体"), ("Security", "시큐리티", "安全"), ("Media", "미디어", "传媒"),
    ("Speech", "스피치", "语音"), ("Mobility", "모빌리티", "出行"), ("Materials", "소재", "材料"),
    ("Commerce", "커머스", "电商"), ("Maps", "맵스", "地图"), ("Design", "디자인", "设计"),
    ("Sensors", "센서", "传感"), ("Cloudworks", "클라우드웍스", "云科"), ("Agents", "에이전츠", "智能体"),
    ("Photonics", "포토닉스", "光电"), ("Marine", "마린", "海洋"), ("Textiles", "텍스타일", "纺织"),
    ("Foods", "푸드", "食品"), ("Optics", "옵틱스", "光学"), ("Systems", "시스템즈", "系统"),
    ("Genomics", "지노믹스", "基因"), ("Avionics", "항공전자", "航电"),
)


@dataclass(frozen=True)
class Account:
    """A billing account of a firm at a provider (or, bought through it, at a reseller), from a day on."""

    provider: str
    id: str
    share: float
    first: int = FIRST_DAY
    last: int = DAY_MAX


@dataclass(frozen=True)
class FirmProfile:
    """An invented firm. spend_yuan: what it spends in a middling month; contracts_year_yuan: its cloud contracts."""

    id: str
    name: dict[str, str]
    size: str
    employees: int
    spend_yuan: float
    contracts_year_yuan: int
    saas: bool
    ai: bool
    resident: bool
    group: str
    accounts: tuple[Account, ...]


def generate_firms(n: int, seed: int) -> tuple[FirmProfile, ...]:
    """The first n firms of a seed; firm k is the same whatever n is."""
    return tuple(firm(number, seed) for number in range(n))


def firm(number: int, seed: int) -> FirmProfile:
    """Firm `number` of a seed, from a stream of its own."""
    dice = stream(seed, "firm", number)
    size = int(dice.choice(4, p=SIZE_SHARES))
    spend = float(SPEND_MEDIAN_YUAN[size] * np.exp(dice.normal(0, 1.3)))
    ai = bool(dice.random() < 0.22)
    first, second = FIRST[number % len(FIRST)], SECOND[number // len(FIRST) % len(SECOND)]
    again = number // (len(FIRST) * len(SECOND))
    tail = f" {again + 1}" if again else ""
    ident = f"F{number + 1:05d}"
    affiliate = number % 40 == 39  # one firm in forty belongs to the house before it
    return FirmProfile(
        ident, {"en": f"{first[0]} {second[0]}{tail}", "ko": f"{first[1]} {second[1]}{tail}",
                "zh": f"杭州{first[2]}{second[2]}科技有限公司{tail}"},
        SIZES[size], max(1, int(STAFF_MEDIAN[size] * np.exp(dice.normal(0, 0.5)))), spend,
        int(spend * 12 * float(np.exp(dice.normal(0, 0.2)))), bool(dice.random() < (0.5 if ai else 0.3)), ai,
        bool(dice.random() < 0.97), f"F{number:05d}" if affiliate else ident, _accounts(dice, ident, size))


def _accounts(dice: np.random.Generator, ident: str, size: int) -> tuple[Account, ...]:
    """One to three accounts (a large firm up to twelve), with shares of its spend."""
    count = int(dice.integers(1, 4)) if size < 3 else int(dice.integers(3, 13))
    odds = np.array([provider.share for provider in PROVIDERS])
    chosen = dice.choice(len(PROVIDERS), size=count, p=odds / odds.sum())
    shares = dice.dirichlet(np.full(count, 1.5))
    return tuple(Account(PROVIDERS[place].id, f"{ident[1:]}{place}{slot:02d}{int(dice.integers(10**4)):04d}",
                         float(share)) for slot, (place, share) in enumerate(zip(chosen, shares, strict=True)))


def account_spans(firms: Sequence[FirmProfile], seed: int) -> list[AccountSpan]:
    """The firms' accounts as the register holds them, under the issuer's name on their invoices."""
    own = [AccountSpan(BY_ID[account.provider].issuer, account.id, one.id, account.first, account.last)
           for one in firms for account in one.accounts]
    return own + [AccountSpan(RELATED_SELLER, one.accounts[0].id, one.id, FIRST_DAY)
                  for one in firms if trade_of(one, seed)]


def related_parties(firms: Sequence[FirmProfile], seed: int) -> list[RelatedParty]:
    """Firms known to own a stake in the trading house Reedbank: buying cloud from it is no arm's-length purchase."""
    return [RelatedParty(one.id, RELATED_SELLER, FIRST_DAY) for one in firms if trade_of(one, seed) == "declared"]


def trade_of(one: FirmProfile, seed: int) -> str:
    """How a firm deals with the trading house: '' not at all, at `arms_length`, or owning a stake of it, which the
    register knows (`declared`) or does not (`undeclared`)."""
    luck = float(stream(seed, "related", one.id).random())
    return next((name for limit, name in TRADES if luck < limit), "")


def companion(one: FirmProfile, provider: str, seed: int, most: int = 400) -> tuple[FirmProfile, Account]:
    """The nearest other firm with an account at a provider, and that account: by number, so of every city the same.

    Earlier firms first: they are in every city that holds this one.
    """
    number = int(one.id[1:]) - 1
    for other in (*range(number - 1, max(-1, number - most), -1), *range(number + 1, number + most)):
        found = firm(other, seed)
        account = next((account for account in found.accounts if account.provider == provider), None)
        if account and found.group != one.group:
            return found, account
    raise AssertionError(f"nobody near {one.id} buys from {provider}")


def growth(one: FirmProfile, seed: int, months: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The firm's spend in yuan for `months` months from January 2024; 0 after it has left.

    ln spend follows AR(1) with φ = 0.8 around a drift of 2 % a month; 3 % of firms leave in a year.
    """
    dice = stream(seed, "growth", one.id)
    shocks, leaves = dice.normal(0, 0.15, 240)[:months], dice.random(240)[:months] < 0.0025
    level, path = 0.0, np.empty(months)
    for month in range(months):
        level = 0.8 * level + shocks[month]
        path[month] = level + 0.02 * month
    spend = one.spend_yuan * np.exp(path)
    if leaves.any():
        spend[int(np.argmax(leaves)):] = 0.0
    return spend
