"""What facilities, rivers and their parts are called in English.

A word of the list is translated wherever a name ends in it; what stands before it is a name and
is never translated.

References:
    国土地理院「地名等の英語表記規程」(平成28年国地達第10号) 別表, and 観光庁「観光立国実現に向けた
    多言語対応の改善・強化のためのガイドライン」(2014) 対訳語一覧, for the words that they have
    (川 River, 橋 Bridge, 公園 Park, 神社 Shrine, 小学校 Elementary School); the others are ours.
"""

from __future__ import annotations

import msgspec

from hinomi.vocabulary.english.romaji import hiragana


class Word(msgspec.Struct, frozen=True, gc=False):
    """One Japanese word, its English and how it is read."""

    ja: str
    en: str
    readings: tuple[str, ...]


_TABLE = """
小学校|Elementary School|しょうがっこう
中学校|Junior High School|ちゅうがっこう
高等学校|High School|こうとうがっこう
高校|High School|こうこう
義務教育学校|Compulsory Education School|ぎむきょういくがっこう
小中学校|Elementary and Junior High School|しょうちゅうがっこう
特別支援学校|Special Needs School|とくべつしえんがっこう
支援学校|Special Needs School|しえんがっこう
養護学校|Special Needs School|ようごがっこう
専門学校|Vocational School|せんもんがっこう
分校|Branch School|ぶんこう
学校|School|がっこう
学園|Gakuen|がくえん
大学|University|だいがく
短期大学|Junior College|たんきだいがく
幼稚園|Kindergarten|ようちえん
保育園|Nursery School|ほいくえん
保育所|Nursery School|ほいくしょ ほいくじょ
認定こども園|Kodomoen (Nursery School)|にんていこどもえん
こども園|Kodomoen (Nursery School)|こどもえん
子ども園|Kodomoen (Nursery School)|こどもえん
児童センター|Children's Center|じどうせんたー
児童館|Children's Hall|じどうかん
学童クラブ|After-School Club|がくどうくらぶ
公民館|Community Center|こうみんかん
地区公民館|District Community Center|ちくこうみんかん
自治公民館|Community Center|じちこうみんかん
コミュニティセンター|Community Center|
コミュニティーセンター|Community Center|
コミセン|Community Center|
交流センター|Exchange Center|こうりゅうせんたー
地域交流センター|Community Exchange Center|ちいきこうりゅうせんたー
交流館|Exchange Hall|こうりゅうかん
市民センター|Citizens' Center|しみんせんたー
町民センター|Residents' Center|ちょうみんせんたー
村民センター|Residents' Center|そんみんせんたー
区民センター|Residents' Center|くみんせんたー
住民センター|Residents' Center|じゅうみんせんたー
市民会館|Civic Hall|しみんかいかん
町民会館|Residents' Hall|ちょうみんかいかん
自治会館|Residents' Association Hall|じちかいかん
自治会集会所|Residents' Association Meeting Hall|じちかいしゅうかいしょ しゅうかいじょ
会館|Hall|かいかん
集会所|Meeting Hall|しゅうかいしょ しゅうかいじょ
集会場|Meeting Hall|しゅうかいじょう
集会施設|Meeting Hall|しゅうかいしせつ
研修集会所|Training and Meeting Hall|けんしゅうしゅうかいしょ
公会堂|Public Hall|こうかいどう
公会所|Public Hall|こうかいしょ
集落センター|Village Center|しゅうらくせんたー
農村集落センター|Rural Village Center|のうそんしゅうらくせんたー
生活改善センター|Community Life Center|せいかつかいぜんせんたー
農村環境改善センター|Rural Community Center|のうそんかんきょうかいぜんせんたー
構造改善センター|Rural Development Center|こうぞうかいぜんせんたー
自治振興センター|Community Development Center|じちしんこうせんたー
振興センター|Development Center|しんこうせんたー
近隣センター|Neighborhood Center|きんりんせんたー
基幹センター|Main Center|きかんせんたー
文化センター|Cultural Center|ぶんかせんたー
文化会館|Cultural Hall|ぶんかかいかん
生涯学習センター|Lifelong Learning Center|しょうがいがくしゅうせんたー
学習センター|Learning Center|がくしゅうせんたー
学習館|Learning Hall|がくしゅうかん
教育センター|Education Center|きょういくせんたー
研修センター|Training Center|けんしゅうせんたー
多目的研修施設|Multipurpose Training Hall|たもくてきけんしゅうしせつ
研修施設|Training Facility|けんしゅうしせつ
多目的集会所|Multipurpose Meeting Hall|たもくてきしゅうかいしょ
多目的|Multipurpose|たもくてき
体育センター|Sports Center|たいいくせんたー
スポーツセンター|Sports Center|
総合体育館|General Gymnasium|そうごうたいいくかん
市民体育館|Citizens' Gymnasium|しみんたいいくかん
体育館|Gymnasium|たいいくかん
屋内運動場|Indoor Sports Hall|おくないうんどうじょう
屋外運動場|Outdoor Sports Ground|おくがいうんどうじょう
運動場|Sports Ground|うんどうじょう
運動広場|Sports Ground|うんどうひろば
多目的広場|Multipurpose Open Space|たもくてきひろば
競技場|Stadium|きょうぎじょう
陸上競技場|Athletics Stadium|りくじょうきょうぎじょう
野球場|Baseball Ground|やきゅうじょう
武道館|Martial Arts Hall|ぶどうかん
武道場|Martial Arts Hall|ぶどうじょう
グラウンド|Sports Ground|
グランド|Sports Ground|
グラウンドゴルフ場|Ground Golf Course|
アリーナ|Arena|
校庭|Schoolyard|こうてい
園庭|Playground|えんてい
校舎|School Building|こうしゃ
前広場|Forecourt|まえひろば
広場|Open Space|ひろば
駐車場|Parking Lot|ちゅうしゃじょう
跡地|(Former Site)|あとち
運動公園|Sports Park|うんどうこうえん
総合運動公園|General Sports Park|そうごううんどうこうえん
児童公園|Children's Park|じどうこうえん
児童遊園|Children's Playground|じどうゆうえん
児童遊園地|Children's Playground|じどうゆうえんち
農村公園|Rural Park|のうそんこうえん
近隣公園|Neighborhood Park|きんりんこうえん
中央公園|Chuo Park|ちゅうおうこうえん
緑地公園|Green Park|りょくちこうえん
防災公園|Disaster Prevention Park|ぼうさいこうえん
公園|Park|こうえん
緑地|Green Space|りょくち
遊園地|Playground|ゆうえんち
キャンプ場|Campsite|きゃんぷじょう
神社|Shrine|じんじゃ
境内|Precinct|けいだい
駅|Station|えき
駅前|in Front of the Station|えきまえ
道の駅|Roadside Station|みちのえき
漁港|Fishing Port|ぎょこう
病院|Hospital|びょういん
診療所|Clinic|しんりょうじょ しんりょうしょ
市役所|City Hall|しやくしょ
区役所|Ward Office|くやくしょ
役場|Town Office|やくば
村役場|Village Office|むらやくば
町役場|Town Office|まちやくば ちょうやくば
県庁|Prefectural Office|けんちょう
庁舎|Government Building|ちょうしゃ
支所|Branch Office|ししょ
出張所|Branch Office|しゅっちょうじょ しゅっちょうしょ
総合支所|General Branch Office|そうごうししょ
行政センター|Administrative Center|ぎょうせいせんたー
消防署|Fire Station|しょうぼうしょ
消防センター|Fire Brigade Center|しょうぼうせんたー
コミュニティ消防センター|Community Fire Brigade Center|こみゅにてぃしょうぼうせんたー
防災センター|Disaster Prevention Center|ぼうさいせんたー
防災広場|Disaster Prevention Open Space|ぼうさいひろば
津波避難ビル|Tsunami Evacuation Building|つなみひなんびる
津波避難タワー|Tsunami Evacuation Tower|つなみひなんたわー
避難タワー|Evacuation Tower|ひなんたわー
避難所|Shelter|ひなんじょ ひなんしょ
避難場所|Evacuation Site|ひなんばしょ
避難広場|Evacuation Open Space|ひなんひろば
避難地|Evacuation Site|ひなんち
図書館|Library|としょかん
博物館|Museum|はくぶつかん
美術館|Art Museum|びじゅつかん
資料館|Museum|しりょうかん
福祉センター|Welfare Center|ふくしせんたー
老人福祉センター|Senior Welfare Center|ろうじんふくしせんたー
総合福祉センター|General Welfare Center|そうごうふくしせんたー
保健福祉センター|Health and Welfare Center|ほけんふくしせんたー
保健センター|Health Center|ほけんせんたー
福祉会館|Welfare Hall|ふくしかいかん
老人集会所|Seniors' Meeting Hall|ろうじんしゅうかいしょ
老人憩の家|Seniors' Rest House|ろうじんいこいのいえ
老人いこいの家|Seniors' Rest House|ろうじんいこいのいえ
老人ホーム|Nursing Home|ろうじんほーむ
特別養護老人ホーム|Nursing Home|とくべつようごろうじんほーむ
デイサービスセンター|Day Care Center|
福祉避難所|Welfare Shelter|ふくしひなんじょ
隣保館|Community Welfare Hall|りんぽかん
共用施設|Shared Facility|きょうようしせつ
供用施設|Public Facility|きょうようしせつ
学習等供用施設|Public Learning Facility|がくしゅうとうきょうようしせつ
体育施設|Sports Facility|たいいくしせつ
施設|Facility|しせつ
総合センター|General Center|そうごうせんたー
活動センター|Activity Center|かつどうせんたー
ふれあいセンター|Fureai Center|
センター|Center|
プラザ|Plaza|
ホール|Hall|
パーク|Park|
クラブ|Club|
ハウス|House|
キャンパス|Campus|
ビル|Building|
団地|Housing Complex|だんち
分館|Annex|ぶんかん
分室|Annex|ぶんしつ
別館|Annex|べっかん
新館|New Building|しんかん
本館|Main Building|ほんかん
地区会館|District Hall|ちくかいかん
地区センター|District Center|ちくせんたー
地区|District|ちく
集落|Village|しゅうらく
町内会|Neighborhood Association|ちょうないかい
高台|High Ground|たかだい
裏山|Hill Behind|うらやま
大橋|Ohashi Bridge|おおはし
橋|Bridge|はし ばし きょう
号橋|Bridge|ごうきょう ごうばし ごうはし
号線|Line|ごうせん
派川|Branch|はせん
箇所|Site|かしょ
コミュニティ|Community|
コミュニティー|Community|
歩道橋|Footbridge|ほどうきょう
川|River|かわ がわ
河川敷|Riverbed|かせんじき
右岸|Right Bank|うがん
左岸|Left Bank|さがん
上流|Upstream|じょうりゅう
下流|Downstream|かりゅう
水位計|Gauge|すいいけい
観測所|Station|かんそくしょ かんそくじょ
水位観測所|Station|すいいかんそくしょ すいいかんそくじょ
簡易水位計|Gauge|かんいすいいけい
水門|Water Gate|すいもん
樋門|Sluice|ひもん
樋管|Sluice Pipe|ひかん
排水機場|Drainage Pump Station|はいすいきじょう
ポンプ場|Pump Station|ぽんぷじょう
放水路|Floodway|ほうすいろ
分水路|Floodway|ぶんすいろ
排水路|Drain|はいすいろ
用水路|Canal|ようすいろ
用水|Canal|ようすい
導水路|Aqueduct|どうすいろ
運河|Canal|うんが
支川|Tributary|しせん
ダム|Dam|
堰|Weir|せき ぜき
堰堤|Weir|えんてい
調節池|Retarding Basin|ちょうせつち
調整池|Retarding Basin|ちょうせいち
ため池|Irrigation Pond|ためいけ
池|Pond|いけ
沼|Pond|ぬま
沢|Stream|さわ ざわ
付近|Vicinity|ふきん
地先|Area|ちさき
合流点|Confluence|ごうりゅうてん
合流後|below the Confluence|ごうりゅうご
分流後|below the Diversion|ぶんりゅうご
内水|Inland Water|ないすい
予測区間|Forecast Stretch|よそくくかん
上流部|Upper Reaches|じょうりゅうぶ
中流部|Middle Reaches|ちゅうりゅうぶ
下流部|Lower Reaches|かりゅうぶ
水系|River System|すいけい
海岸|Coast|かいがん
海水浴場|Beach|かいすいよくじょう
県立|Prefectural|けんりつ
市立|Municipal|しりつ いちりつ
町立|Municipal|ちょうりつ
村立|Municipal|そんりつ
区立|Municipal|くりつ
中央|Chuo|ちゅうおう
総合|General|そうごう
市民|Citizens'|しみん
町民|Residents'|ちょうみん
村民|Residents'|そんみん
勤労者|Workers'|きんろうしゃ
ふれあい|Fureai|
"""

_ONLY_LAST = frozenset("川橋池沼沢駅堰")
"""Single characters are kinds at the very end of a name only: 石川小学校 is no river."""


_WHERE = frozenset(
    (
        "上流",
        "下流",
        "右岸",
        "左岸",
        "水位計",
        "簡易水位計",
        "観測所",
        "水位観測所",
        "付近",
        "地先",
        "箇所",
    )
)
"""Words that say where at a bridge or river: before them a single character is a kind too."""


def _words() -> dict[str, Word]:
    found = {}
    for line in _TABLE.strip().splitlines():
        ja, en, readings = line.split("|")
        stated = tuple(readings.split()) or (hiragana(ja),)
        found[ja] = Word(ja, en, stated)
    return found


WORDS = _words()
_BY_LAST: dict[str, list[Word]] = {}
for _word in sorted(WORDS.values(), key=lambda word: -len(word.ja)):
    _BY_LAST.setdefault(_word.ja[-1], []).append(_word)


def ending(text: str, after: Word | None = None) -> Word | None:
    """Return the longest word that a text ends in.

    Args:
        text: a name, or what is left of it.
        after: the word that was already taken from its end.

    Example:
        >>> ending("山王小学校").en
        'Elementary School'
        >>> ending("石川", after=WORDS["小学校"]) is None
        True
    """
    single = after is None or after.ja in _WHERE
    for word in _BY_LAST.get(text[-1:], ()):
        if text.endswith(word.ja) and (single or word.ja not in _ONLY_LAST):
            return word
    return None
