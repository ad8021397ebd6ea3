//! One label as SVG: a module is one unit, text is text.

use std::fmt::Write;

use kokoni_model::label::printed_label;

use super::Printed;

/// Height of a line of text, in modules.
const LINE: usize = 4;

/// Draws a label; the file stands alone.
pub(super) fn draw(label: &Printed) -> String {
    let side = label.side_with_quiet_zone();
    let above = if label.caption.is_some() { LINE } else { 0 };
    let height = above + side + LINE;
    let middle = side as f32 / 2.0;
    let mut modules = String::new();
    for (column, row, length) in label.dark_runs() {
        let _ = write!(modules, "M{column} {}h{length}v1h-{length}z", row + above);
    }
    let caption = label.caption.as_deref().map_or(String::new(), |caption| {
        format!(
            r#"<text x="{middle}" y="{}" font-size="3" text-anchor="middle" font-family="BIZ UDGothic, sans-serif">{}</text>"#,
            LINE as f32 - 0.5,
            escape(caption)
        )
    });
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {height}" width="{side}mm" height="{height}mm"><rect width="{side}" height="{height}" fill="#fff"/>{caption}<path d="{modules}" fill="#000" shape-rendering="crispEdges"/><text x="{middle}" y="{}" font-size="2.4" text-anchor="middle" font-family="BIZ UDGothic, monospace">{}</text></svg>
"##,
        above + side + 1,
        printed_label(&label.id)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::printed;
    use super::*;

    #[test]
    fn a_label_as_svg() {
        insta::assert_snapshot!(draw(&printed()));
    }

    #[test]
    fn a_caption_cannot_break_out_of_its_element() {
        let label = Printed {
            caption: Some("<script>&\"".into()),
            ..printed()
        };
        let svg = draw(&label);
        assert!(
            svg.contains("&lt;script&gt;&amp;&quot;") && !svg.contains("<script"),
            "{svg}"
        );
    }
}
