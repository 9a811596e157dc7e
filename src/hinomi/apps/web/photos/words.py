"""What the two pages say."""

from __future__ import annotations

from hinomi.kernel.errors import Text

_BOTH = {
    "language": Text("English", "日本語"),
    "marked": Text(
        "実際の災害ではありません。送った写真は訓練・試験として扱います。",
        "not a real event; what is sent here counts as a drill's or a trial's.",
    ),
    "zoom_in": Text("拡大", "Zoom in"),
    "zoom_out": Text("縮小", "Zoom out"),
    "map_hint": Text(
        "指で動かし、撮った場所をタップしてください。", "Drag to move; tap where it was taken."
    ),
    "failed": Text("通信できませんでした。もう一度押してください。",
                   "The network failed. Press again."),
}  # fmt: skip

SEND: dict[str, Text] = {
    **_BOTH,
    "title": Text("現地の写真を送る", "Send a photo from the field"),
    "lead": Text(
        "身の安全を第一に。命の危険があるときは119・110へ。",
        "Your safety comes first. In danger of life call 119 or 110.",
    ),
    "choose": Text("写真を撮る", "Take a photo"),
    "choose_kept": Text("撮ってある写真を選ぶ", "Choose one taken before"),
    "preview": Text("送る写真", "The photo to send"),
    "text": Text("何の写真ですか(任意)", "What does it show? (optional)"),
    "text_hint": Text("例: 県道の橋の手前で道路が冠水", "e.g. road flooded before the bridge"),
    "where": Text("撮った場所", "Where it was taken"),
    "where_hint": Text(
        "写真に位置があればそれを使います。なければ下のどちらかで教えてください。",
        "The photo's own place is used if it has one; otherwise tell by one of these.",
    ),
    "here": Text("いまいる場所", "Where I am now"),
    "on_map": Text("地図で指す", "Point on the map"),
    "send": Text("送る", "Send"),
    "sending": Text("送っています…", "Sending…"),
    "place_device": Text("いまいる場所を使います", "Using where you are"),
    "place_tap": Text("地図で指した場所を使います", "Using the place on the map"),
    "no_device": Text(
        "端末から位置を得られませんでした。地図で指してください。",
        "The telephone gave no place; point on the map.",
    ),
    "privacy": Text(
        "写真は本部の職員だけが見ます。公開するときは職員が確認し、顔とナンバープレートを塗りつぶし、"
        "位置以外の埋め込み情報を除きます。送信者の名前は聞きません。",
        "Only the headquarters' staff see the photo. Before it is published a person checks it,"
        " faces and number plates are covered and its metadata is removed. Your name is not asked.",
    ),
    "done": Text("受け付けました", "Received"),
    "known": Text("この写真は受付済みです", "This photo had been received before"),
    "number": Text("受付番号", "Number"),
    "notes": Text("気になる点(職員が確認します)", "To be checked by staff"),
    "another": Text("続けて送る", "Send another"),
    "too_large": Text("25 MBまでの写真を送れます。", "A photo may have 25 MB."),
}

REVIEW: dict[str, Text] = {
    **_BOTH,
    "title": Text("写真の確認", "Photos to confirm"),
    "queue": Text("受付写真", "Received"),
    "shown": Text("表示する状態", "Which are shown"),
    "open": Text("確認待ち", "To be decided"),
    "decided": Text("判断済み", "Decided"),
    "empty": Text("確認待ちの写真はありません。", "No photo is waiting."),
    "sign_in": Text("サインイン", "Sign in"),
    "sign_in_hint": Text(
        "写真の確認には本部のサインインが必要です。個人キーを入れるか、画面からサインインしてください。",
        "Sign in as the headquarters: with a personal key, or on the dashboard.",
    ),
    "key": Text("個人キー", "Personal key"),
    "dashboard": Text("画面へ", "Dashboard"),
    "before": Text("原本(本部内のみ)", "Original (headquarters only)"),
    "after": Text("公開される写真", "What would be published"),
    "draw_hint": Text(
        "原本の上をなぞると塗りつぶす範囲を足せます。枠の×で消せます。",
        "Drag over the original to cover more; × removes a box.",
    ),
    "redraw": Text("この範囲で塗りつぶし直す", "Cover these parts"),
    "undo": Text("枠を元に戻す", "Undo"),
    "not_looked": Text(
        "自動検出は動いていません(検出器が入っていません)。顔・ナンバーを手で囲んでください。",
        "No detector ran (none is installed): draw faces and plates by hand.",
    ),
    "looked": Text("自動検出", "Found by"),
    "findings": Text("食い違い・気になる点", "What does not fit"),
    "no_findings": Text("食い違いはありません", "Nothing speaks against it"),
    "facts": Text("写真について", "About the photo"),
    "sent_text": Text("送信者の説明", "The sender's words"),
    "sender": Text("送信者", "Sender"),
    "resident": Text("住民(匿名)", "A resident (anonymous)"),
    "received_at": Text("受付", "Received"),
    "taken_at": Text("撮影", "Taken"),
    "camera": Text("機種", "Camera"),
    "place": Text("位置", "Place"),
    "by_exif": Text("写真の記録", "by the photo"),
    "by_device": Text("端末", "by the telephone"),
    "by_tap": Text("地図で指定", "tapped"),
    "by_person": Text("職員が指定", "by staff"),
    "by_received": Text("受付時刻で代用", "its arrival"),
    "no_place": Text("位置なし(地図で指せます)", "no place (point on the map)"),
    "set_place": Text("位置を直す", "Set the place"),
    "new_place": Text("直した位置", "New place"),
    "photo_title": Text("公開する題名", "Title to publish"),
    "photo_text": Text("公開する説明", "Text to publish"),
    "checked": Text(
        "顔・ナンバー・表札などが読めないことを自分の目で確かめた",
        "I have looked: no face, plate or name can be read",
    ),
    "publish": Text("公開する", "Publish"),
    "reject": Text("採用しない", "Reject"),
    "withdraw": Text("公開を取り消す", "Withdraw"),
    "erase": Text("原本を今すぐ消去", "Erase the original now"),
    "why": Text("理由", "Why"),
    "more": Text("補足", "More"),
    "sure": Text("元に戻せません。よろしいですか。", "This cannot be undone. Go on?"),
    "decided_by": Text("判断", "Decided by"),
    "erased": Text("原本は消去済み", "The original has been erased"),
    "history": Text("記録", "Record"),
    "pick": Text("左から写真を選んでください。", "Choose a photo on the left."),
    "wait": Text("自動で塗りつぶしています…", "Being covered…"),
}
