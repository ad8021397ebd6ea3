//! The usual forms of kanji that names still have in old ones: 亞 is 亜.
//!
//! As yosina 3.0.0 has it (`kanji_old_new`, MIT, Copyright 2025 Moriyoshi Koizumi), without the
//! variation selectors, which folding drops, and without what NFKC changes anyway. A phone's library
//! holds this table alone; the tests compare it with yosina itself, character by character.

use std::sync::LazyLock;

/// Old and usual form, in the order of the old ones.
const PAIRS: &str = "\
    㑨俣 㵎澗 乘乗 亂乱 亙亘 亞亜 佛仏 來来 俠侠 俱倶 倂併 假仮 傳伝 僞偽 價価 儉倹 儘侭 兒児 內内 兩両 册冊 冱冴 刄刃 剝剥 \
    剩剰 劍剣 劑剤 勞労 勳勲 勵励 勸勧 區区 卷巻 卻却 卽即 參参 吞呑 吳呉 吿告 啞唖 單単 噓嘘 嚙噛 嚴厳 囊嚢 囑嘱 圈圏 國国 \
    圓円 圖図 團団 堯尭 塡填 增増 墮堕 壓圧 壘塁 壞壊 壤壌 壯壮 壹壱 壺壷 壽寿 奧奥 奬奨 姊姉 姙妊 娛娯 孃嬢 學学 寢寝 實実 \
    寫写 寬寛 寶宝 將将 專専 對対 尙尚 屆届 屛屏 屢屡 屬属 峽峡 嶽岳 巖巌 巢巣 帶帯 廢廃 廣広 廳庁 强強 彈弾 彌弥 彥彦 徑径 \
    從従 徵徴 德徳 恆恒 悅悦 惠恵 惡悪 惱悩 慘惨 慾欲 應応 懷懐 戀恋 戰戦 戲戯 戶戸 戾戻 拂払 拔抜 拜拝 挾挟 插挿 揭掲 搔掻 \
    搖揺 搜捜 摑掴 撈𢭐 擇択 擊撃 擔担 擕携 據拠 擧挙 擴拡 攝摂 攢攅 攪撹 收収 效効 敍叙 敎教 敕勅 數数 斷断 晉晋 晚晩 晝昼 \
    曆暦 曉暁 會会 栅柵 條条 棧桟 榮栄 槇槙 槪概 樂楽 樓楼 樞枢 樣様 橫横 檜桧 檢検 檮梼 櫻桜 權権 歐欧 歡歓 步歩 歲歳 歷歴 \
    歸帰 殘残 殼殻 毆殴 每毎 氣気 沒没 涉渉 淚涙 淨浄 淸清 淺浅 渴渇 溪渓 溫温 滯滞 滿満 潑溌 潛潜 澁渋 澤沢 濕湿 濟済 濤涛 \
    濱浜 瀆涜 瀧滝 瀨瀬 灌潅 灣湾 焰焔 煕熙 燈灯 燒焼 營営 爐炉 爭争 爲為 牀床 犧犠 狀状 狹狭 獨独 獵猟 獸獣 獻献 瑤瑶 瓣弁 \
    甁瓶 產産 畧略 畫画 當当 疊畳 瘦痩 癡痴 發発 盜盗 盡尽 硏研 碎砕 礦砿 礪砺 祕秘 祿禄 禪禅 禮礼 禰祢 禱祷 稅税 稻稲 穗穂 \
    穩穏 穰穣 窗窓 竊窃 竝並 簞箪 籠篭 粹粋 絕絶 絲糸 經経 綠緑 緖緒 緣縁 縣県 縱縦 總総 繡繍 繩縄 繪絵 繫繋 繼継 續続 纖繊 \
    缺欠 罐缶 羡羨 羣群 聰聡 聲声 聽聴 肅粛 脫脱 腦脳 腳脚 膽胆 臟臓 臺台 與与 舊旧 舍舎 艷艶 荆荊 莊荘 莖茎 萊莱 萬万 蔣蒋 \
    蔥葱 薰薫 藏蔵 藝芸 藥薬 藪薮 蘂蕊 處処 虛虚 號号 螢蛍 蟬蝉 蟲虫 蠟蝋 蠣蛎 蠶蚕 蠻蛮 衞衛 裝装 裡裏 襃褒 覺覚 覽覧 觀観 \
    觸触 說説 諫諌 謠謡 證証 譯訳 譽誉 讀読 變変 讓譲 豐豊 豫予 貳弐 賣売 賤賎 賴頼 贊賛 踐践 蹟跡 軀躯 輕軽 轉転 辦弁 辧弁 \
    辨弁 辭辞 辮弁 辯弁 遙遥 遞逓 遲遅 邇迩 邊辺 郞郎 鄕郷 醉酔 醫医 醬醤 醱醗 釀醸 釋釈 銳鋭 錄録 錢銭 鍊錬 鐵鉄 鑄鋳 鑛鉱 \
    閱閲 關関 陷陥 隨随 險険 隱隠 雙双 雜雑 霸覇 靈霊 靑青 靜静 頰頬 頸頚 顏顔 顚顛 顯顕 飜翻 餘余 餠餅 駡罵 騷騒 驅駆 驒騨 \
    驗験 驛駅 髓髄 體体 髮髪 鬪闘 鬭闘 鬮䦰 鰺鯵 鶯鴬 鷄鶏 鷗鴎 鹼鹸 鹽塩 麥麦 麴麹 麵麺 黃黄 黏粘 黑黒 默黙 點点 黨党 齊斉 \
    齋斎 齒歯 齡齢 龍竜 龜亀 𠀋丈 𢌞廻 𥡴稽 𨳝閏 𨻶隙 𮕩衰";

static USUAL_OF_OLD: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut chars = PAIRS.chars().filter(|c| *c != ' ');
    std::iter::from_fn(|| chars.next().zip(chars.next())).collect()
});

/// The usual form of a kanji; every other character as it is.
pub(super) fn usual(c: char) -> char {
    // Nothing before the CJK blocks is a kanji; most readings and queries end here.
    if c < '\u{3400}' {
        return c;
    }
    let found = USUAL_OF_OLD.binary_search_by_key(&c, |(old, _)| *old);
    found.map_or(c, |at| USUAL_OF_OLD[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;
    use yosina::{CharPool, TransliterationRecipe, TransliteratorFactory, from_chars};

    #[test]
    fn old_forms_stand_in_order_each_once() {
        assert!(USUAL_OF_OLD.is_sorted_by(|(one, _), (next, _)| one < next));
        assert_eq!(USUAL_OF_OLD.len(), PAIRS.split(' ').count());
    }

    #[test]
    fn every_character_has_the_usual_form_that_yosina_gives_it() {
        let recipe = TransliterationRecipe {
            kanji_old_new: true,
            ..Default::default()
        };
        let steps = recipe.build().expect("a recipe");
        let theirs = steps.new_transliterator().expect("a transliterator");
        let is_selector =
            |c: &char| matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
        let stays = |c: &char| !is_selector(c) && std::iter::once(*c).nfkc().eq([*c]);
        for c in ('\0'..='\u{3ffff}').filter(stays) {
            let mut pool = CharPool::new();
            let mut place = [0; 4];
            let chars = pool.build_char_array(c.encode_utf8(&mut place));
            let given = theirs.transliterate(&mut pool, &chars).expect("a text");
            let mut given = from_chars(given.iter().copied());
            given.retain(|c| !is_selector(&c));
            assert_eq!(usual(c).to_string(), given, "{c} U+{:04X}", u32::from(c));
        }
    }
}
