//! Every word of the pages, in both languages side by side: the one table.
//!
//! A text with `{name}` in it is a pattern; [`fill`] puts values in, and the modules in the browser
//! do the same with the patterns that are handed to them.

use super::language::Language;

macro_rules! words {
    ($($name:ident: $ja:literal, $en:literal;)+) => {
        /// The words of one language.
        #[derive(Debug)]
        pub(crate) struct Words {
            /// Which language.
            pub(crate) language: Language,
            $(pub(crate) $name: &'static str,)+
        }

        const JAPANESE: Words = Words { language: Language::Japanese, $($name: $ja,)+ };
        const ENGLISH: Words = Words { language: Language::English, $($name: $en,)+ };

        /// Name, Japanese, English: for the tests of the table.
        #[cfg(test)]
        const TABLE: &[(&str, &str, &str)] = &[$((stringify!($name), $ja, $en),)+];
    };
}

words! {
    product: "ココニ", "Kokoni";
    tagline: "だれが、どこに。いま。", "Who is where, right now.";
    skip_to_content: "本文へ移動", "Skip to the content";
    main_navigation: "主なページ", "Main pages";
    nav_floors: "フロア", "Floors";
    nav_people: "人をさがす", "Find a person";
    nav_items: "備品", "Items";
    signed_in_as: "{name} さん", "{name}";
    sign_in: "サインイン", "Sign in";
    sign_out: "サインアウト", "Sign out";
    trademark: "QRコードは株式会社デンソーウェーブの登録商標です。", "“QR Code” is a registered trademark of DENSO WAVE INCORPORATED.";

    find_label: "名前・かな・所属・内線", "Name, kana, section or extension";
    find_button: "さがす", "Find";

    home_title: "フロアを選ぶ", "Choose a floor";
    home_lead: "空席の数は、ページを開いたときのものです。フロアを開くと、そのまま更新されます。", "The counts are of the moment this page was opened. A floor’s page keeps itself up to date.";
    home_empty: "フロアがまだ登録されていません。", "No floors have been set up yet.";
    where_am_i: "いまのあなた", "You, right now";
    my_seat_link: "自分の座席を地図で見る", "Show my seat on the map";
    free_seats: "空席 {free}", "{free} free";
    of_seats: "全 {total} 席", "of {total} seats";
    free_of_total: "空席 {free} / 全 {total} 席", "{free} of {total} seats free";

    floor_other: "ほかのフロア", "Other floors";
    floor_map: "座席の地図", "Seat map";
    floor_map_help: "座席を選ぶと、一覧のその座席へ移ります。矢印キーでとなりの座席へ、＋と－で拡大・縮小、0で全体表示。", "Choosing a seat leads to its line in the list. Arrow keys move to the next seat; + and − zoom, 0 shows everything.";
    floor_list: "座席の一覧", "List of seats";
    floor_filter: "この階でしぼりこむ", "Narrow this floor down";
    floor_filter_hint: "座席・名前・所属", "Seat, name or section";
    floor_filter_count: "{count}件を表示", "{count} shown";
    floor_skip_map: "地図をとばして一覧へ", "Skip the map, go to the list";
    floor_no_places: "このフロアには座席がまだありません。", "This floor has no seats yet.";
    floor_no_zone: "その他", "Other places";
    legend: "凡例", "Legend";
    zoom_in: "拡大", "Zoom in";
    zoom_out: "縮小", "Zoom out";
    zoom_all: "全体", "All";
    pan_left: "左へ", "Left";
    pan_right: "右へ", "Right";
    pan_up: "上へ", "Up";
    pan_down: "下へ", "Down";
    map_tools: "地図の操作", "Map controls";
    column_place: "座席", "Seat";
    column_state: "状態", "State";
    column_person: "氏名", "Person";
    column_since: "時刻", "Since";
    show_on_map: "{place} を地図で見る", "Show {place} on the map";

    free: "空席", "Free";
    taken: "在席", "Taken";
    free_in_shape: "空", "Free";
    taken_in_shape: "在席", "Taken";
    room_free: "空室", "Empty";
    room_taken: "{count}名", "{count} in";
    name_of_seat: "{place} {state}", "{place}, {state}";
    name_of_taken: "{place} {state} {people}", "{place}, {state}: {people}";
    between_names: "、", ", ";
    since: "{time}から", "since {time}";

    live_on: "更新中", "Live";
    live_waiting: "接続しています…", "Connecting…";
    live_off: "接続が切れました。つながりしだい更新します。", "The connection was lost. The map is updated as soon as it is back.";
    live_ended: "サインインの期限が切れました。もう一度サインインしてください。", "Your sign-in has ended. Please sign in again.";
    live_without_script: "この表示は開いたときのものです。最新にするには再読み込みしてください。", "This is how it was when the page was opened. Reload to bring it up to date.";
    said_arrived: "{name}さんが {place} に着席しました。", "{name} has taken {place}.";
    said_left: "{name}さんは {place} を離れました。", "{name} has left {place}.";
    said_my_seat: "あなたの座席は {place} です。", "Your seat is {place}.";
    said_my_seat_lost: "{place} はあなたの座席ではなくなりました。", "{place} is no longer your seat.";
    following: "{name}さんの座席を示しています。", "Showing where {name} is.";
    followed_not_here: "{name}さんはこの階にいません。", "{name} is not on this floor.";

    people_title: "人をさがす", "Find a person";
    people_lead: "漢字でも、かなでも、内線でもさがせます。", "By name in kanji or kana, by section, or by extension.";
    people_found: "「{query}」の結果 {count}名", "{count} found for “{query}”";
    people_none: "「{query}」にあてはまる人はいません。", "Nobody matches “{query}”.";
    people_more: "ほかにもいます。言葉を足してしぼりこんでください。", "There are more. Add a word to narrow them down.";
    lead_to_seat: "{name}さんの座席 {place} を地図で見る", "Show {name} at {place} on the map";
    extension: "内線 {number}", "ext. {number}";

    until: "{moment} まで", "until {moment}";

    no_record: "未登録", "No record yet";
    present: "在席", "Present";
    telework: "テレワーク", "Teleworking";
    away: "離席", "Away";
    displaced: "座席を別の方が使用", "Seat taken over";
    presence_unknown: "不明", "Unknown";

    items_title: "備品", "Items";
    items_lead: "だれが何を借りているか。", "What there is to borrow, and who has it.";
    items_none: "備品がまだ登録されていません。", "No items have been set up yet.";
    items_count: "貸出できます {free} / 全 {total} 点", "{free} of {total} available";
    item_name: "品名", "Item";
    item_state: "状態", "State";
    item_borrower: "借りている人", "Borrowed by";
    item_due: "返却期限", "Due";
    item_free: "貸出できます", "Available";
    item_lent: "貸出中", "Lent";
    item_overdue: "返却が遅れています", "Overdue";

    sign_in_title: "サインイン", "Sign in";
    sign_in_lead: "庶務担当から受け取った登録コードを入力してください。コードは一度だけ、15分間使えます。", "Type the enrolment code that the office manager gave you. It works once, for 15 minutes.";
    sign_in_code: "登録コード", "Enrolment code";
    sign_in_code_hint: "10文字。大文字と小文字の区別はありません。", "10 characters. Capitals and small letters are the same.";
    sign_in_from_link: "リンクの登録コードでサインインします。", "You are about to sign in with the code of the link.";
    sign_in_failed: "登録コードが正しくないか、期限切れです。新しいコードを庶務担当に依頼してください。", "The code is wrong, used, or has ended. Please ask the office manager for a new one.";
    sign_in_too_many: "試行が多すぎます。しばらくお待ちください。", "Too many tries. Please wait a while.";
    signed_out_title: "サインアウトしました", "You have signed out";
    signed_out_lead: "このブラウザーの登録は取り消されました。", "This browser is no longer enrolled.";

    enrol_title: "スマートフォンを登録する", "Enrol a phone";
    enrol_lead: "このリンクは、スマートフォンのココニ アプリを登録するためのものです。", "This link enrols the Kokoni app on a phone.";
    enrol_step_install: "スマートフォンにココニ アプリを入れます。配布方法は情報システム担当へおたずねください。", "Install the Kokoni app on the phone. Ask your IT staff how it is handed out.";
    enrol_step_open: "アプリで「登録」を選び、受け取ったQRコードを読み取ります。", "In the app choose “Enrol” and scan the QR code that you were given.";
    enrol_step_type: "カメラが使えないときは、次のコードを入力します。", "If the camera cannot be used, type this code.";
    enrol_no_code: "このリンクに登録コードが含まれていません。受け取ったリンクをもう一度開いてください。", "There is no code in this link. Please open the link that you were given once more.";
    enrol_browser: "アプリを使わず、このブラウザーを登録する", "Do without the app and enrol this browser";
    enrol_secret: "コードはあなた専用です。ほかの人に見せないでください。", "The code is yours alone. Do not show it to others.";

    label_closed_title: "サインインが必要です", "Please sign in";
    label_closed_lead: "このラベルの内容は、所属の組織でサインインした方だけが見られます。", "What this label stands for is shown to signed-in members of its organisation only.";
    label_closed_hint: "サインインしているのにこの画面が出るときは、ラベルが登録されていません。庶務担当へお知らせください。", "If you see this although you have signed in, the label is not registered. Please tell the office manager.";
    label_title_seat: "座席 {name}", "Seat {name}";
    label_title_room: "{name}", "{name}";
    label_title_home: "在宅用シート", "Your home sheet";
    label_title_item: "備品 {name}", "Item {name}";
    label_title_locker: "備品ロッカー {name}", "Locker {name}";
    label_title_exit: "{name} の出口", "The exit of {name}";
    label_title_unbound: "未使用のラベル", "A label not in use";
    label_title_other: "ラベル", "A label";
    do_sit: "ここに着席する", "I sit here";
    do_leave: "離席する", "I leave";
    do_telework: "テレワークを始める", "Start telework";
    do_end_telework: "テレワークを終える", "End telework";
    do_borrow: "借りる", "Borrow it";
    do_return: "返却する", "Bring it back";
    do_record: "記録する", "Record it";
    did_sit: "着席を登録しました。", "Recorded: you sit here.";
    did_leave: "離席を登録しました。", "Recorded: you have left.";
    did_telework: "テレワークを登録しました。", "Recorded: you telework.";
    did_end_telework: "テレワークの終了を登録しました。", "Recorded: your telework has ended.";
    did_borrow: "貸出を登録しました。", "Recorded: you have borrowed it.";
    did_return: "返却を登録しました。", "Recorded: you have brought it back.";
    did_record: "記録しました。", "Recorded.";
    already_here: "すでにここに着席しています。", "You are here already.";
    refused_home: "ご自身の在宅用シートではありません。", "This is not your own home sheet.";
    refused_lent: "この備品は {name} さんに貸出中です。", "{name} has borrowed this item.";
    refused_lent_somebody: "この備品は別の方に貸出中です。", "Somebody else has borrowed this item.";
    refused_unbound: "このラベルはまだ使えません。庶務担当へお知らせください。", "This label is not in use yet. Please tell the office manager.";
    seat_has: "いま {name} さんが在席中です。着席すると、座席はあなたのものになります。", "{name} sits here now. If you sit here, the seat becomes yours.";
    seat_has_somebody: "いま別の方が在席中です。着席すると、座席はあなたのものになります。", "Somebody sits here now. If you sit here, the seat becomes yours.";
    not_recorded: "記録できませんでした。", "It was not recorded.";
    state_changed: "その間に状態が変わりました。もう一度ご確認ください。", "Something has changed in the meantime. Please look again.";
    to_the_map: "地図で見る", "Show on the map";
    to_the_floors: "フロアを選ぶ", "Choose a floor";

    error_hint: "お困りのときは、この番号を添えて情報システム担当へお知らせください。", "If you need help, tell your IT staff this code.";
    error_back: "最初のページへ", "To the first page";
}

impl Words {
    /// The words of a language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::Japanese => &JAPANESE,
            Language::English => &ENGLISH,
        }
    }
}

/// Puts values into a pattern: `{name}` becomes the value of that name.
pub(crate) fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            text.push_str(value);
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn holes(pattern: &str) -> BTreeSet<&str> {
        pattern
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .collect()
    }

    #[test]
    fn both_languages_leave_the_same_holes() {
        for (name, japanese, english) in TABLE {
            assert_eq!(holes(japanese), holes(english), "{name}");
        }
    }

    #[test]
    fn no_word_is_missing_in_either_language() {
        for (name, japanese, english) in TABLE {
            assert!(!japanese.trim().is_empty(), "{name}");
            assert!(!english.trim().is_empty(), "{name}");
            assert!(
                english.is_ascii() || !english.chars().any(is_japanese),
                "{name}"
            );
        }
    }

    fn is_japanese(letter: char) -> bool {
        matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')
    }

    #[test]
    fn a_pattern_is_filled_once_and_values_are_not_patterns() {
        let values = [("name", "{place}"), ("place", "A-12")];
        assert_eq!(fill("{name} at {place}.", &values), "{place} at A-12.");
        assert_eq!(fill("{unknown}!", &values), "!");
        assert_eq!(fill("open { brace", &values), "open { brace");
    }
}
