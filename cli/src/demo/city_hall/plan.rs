//! A floor's plan as SVG: walls, windows, islands of desks, rooms, lockers and the exit. Seats are
//! drawn without names or colours of their own; the live map lays those over it.

use std::fmt::Write;

use super::building::{DESK, Desk, Layout, NamedBox, PLAN, Rect, WALLS};

/// Windows along the long walls: their length and the pillars between them.
const WINDOW: (f32, f32) = (112.0, 28.0);

/// Draws a floor. `title` names it for those who cannot see it.
pub(super) fn draw(layout: &Layout, title: &str) -> String {
    let mut svg = Drawing::begin(title);
    svg.rect(
        &WALLS,
        "fill=\"#ffffff\" stroke=\"#37474f\" stroke-width=\"8\"",
    );
    svg.windows();
    for fixture in &layout.fixtures {
        svg.fixture(fixture);
    }
    for room in &layout.rooms {
        svg.room(room);
    }
    for locker in &layout.lockers {
        svg.locker(locker);
    }
    for row in &layout.rows {
        if let Some(first) = row.desks.first() {
            let y = first.at.1 + DESK.1 / 2.0;
            svg.text(
                &row.letter.to_string(),
                (first.at.0 - 54.0, y),
                34.0,
                "#90a4ae",
            );
        }
        for desk in &row.desks {
            svg.desk(desk);
        }
    }
    svg.exit(layout.exit);
    svg.end()
}

struct Drawing(String);

impl Drawing {
    fn begin(title: &str) -> Self {
        let (width, height) = (PLAN.width, PLAN.height);
        let mut svg = Self(String::new());
        svg.line(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" \
             font-family=\"'BIZ UDGothic', 'Hiragino Sans', 'Noto Sans CJK JP', sans-serif\">"
        ));
        svg.line(format_args!("<title>{title}</title>"));
        svg
    }

    fn end(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.0.write_fmt(text);
        self.0.push('\n');
    }

    fn rect(&mut self, rect: &Rect, style: &str) {
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        self.line(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {style}/>"
        ));
    }

    fn text(&mut self, text: &str, (x, y): (f32, f32), size: f32, colour: &str) {
        self.line(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\" \
             text-anchor=\"middle\" dominant-baseline=\"central\">{text}</text>"
        ));
    }

    fn windows(&mut self) {
        let step = WINDOW.0 + WINDOW.1;
        let count = (WALLS.width / step).floor();
        let first = WALLS.x + (WALLS.width - count * step + WINDOW.1) / 2.0;
        for wall in [WALLS.y, WALLS.y + WALLS.height] {
            for index in 0..count as usize {
                let x = first + index as f32 * step;
                let pane = Rect {
                    x,
                    y: wall - 3.0,
                    width: WINDOW.0,
                    height: 6.0,
                };
                self.rect(
                    &pane,
                    "fill=\"#b3e5fc\" stroke=\"#37474f\" stroke-width=\"1\"",
                );
            }
        }
    }

    /// Narrow boxes have their name written downwards.
    fn fixture(&mut self, named: &NamedBox) {
        self.rect(
            &named.rect,
            "fill=\"#eceff1\" stroke=\"#78909c\" stroke-width=\"3\"",
        );
        let ink = "#546e7a";
        let (x, y) = named.rect.middle();
        if named.rect.width < 40.0 {
            let count = named.name.chars().count() as f32;
            for (index, letter) in named.name.chars().enumerate() {
                let down = (index as f32 - (count - 1.0) / 2.0) * 24.0;
                // The long vowel's stroke stands upright in a column.
                let letter = if letter == 'ー' { '｜' } else { letter };
                self.text(&letter.to_string(), (x, y + down), 18.0, ink);
            }
        } else {
            self.text(named.name, (x, y), 24.0, ink);
        }
    }

    /// The name stands at the top: the map shows who is there in the middle.
    fn room(&mut self, room: &NamedBox) {
        self.rect(
            &room.rect,
            "fill=\"#f7f3e8\" stroke=\"#78909c\" stroke-width=\"3\"",
        );
        let (x, _) = room.rect.middle();
        self.text(room.name, (x, room.rect.y + 36.0), 24.0, "#5d4b26");
    }

    fn locker(&mut self, named: &NamedBox) {
        let (x, y) = named.rect.middle();
        let body = Rect {
            x: x - 70.0,
            y: y - 34.0,
            width: 140.0,
            height: 68.0,
        };
        self.rect(
            &body,
            "fill=\"#e8f0e4\" stroke=\"#558b2f\" stroke-width=\"3\"",
        );
        for door in 1..4 {
            let x = body.x + body.width * door as f32 / 4.0;
            self.line(format_args!(
                "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{}\" stroke=\"#9ccc65\"/>",
                body.y + 4.0,
                body.y + body.height - 4.0
            ));
        }
        self.text(
            named.name,
            (x, body.y + body.height + 20.0),
            20.0,
            "#33691e",
        );
    }

    fn desk(&mut self, desk: &Desk) {
        let (x, y) = desk.at;
        let outward = if desk.chair_above { -1.0 } else { 1.0 };
        self.line(format_args!(
            "<circle cx=\"{x}\" cy=\"{}\" r=\"10\" fill=\"#eceff1\" stroke=\"#b0bec5\"/>",
            y + outward * (DESK.1 / 2.0 + 12.0)
        ));
        let top = Rect {
            x: x - DESK.0 / 2.0,
            y: y - DESK.1 / 2.0,
            width: DESK.0,
            height: DESK.1,
        };
        self.rect(
            &top,
            "fill=\"#fafafa\" stroke=\"#90a4ae\" stroke-width=\"1.5\"",
        );
    }

    fn exit(&mut self, (from, to): (f32, f32)) {
        let gap = Rect {
            x: WALLS.x - 5.0,
            y: from,
            width: 10.0,
            height: to - from,
        };
        self.rect(&gap, "fill=\"#ffffff\"");
        let middle = (from + to) / 2.0;
        let (tip, tail) = (WALLS.x + 16.0, WALLS.x + 56.0);
        self.line(format_args!(
            "<path d=\"M{tail} {middle}H{tip}m14 -12l-14 12l14 12\" fill=\"none\" \
             stroke=\"#2e7d32\" stroke-width=\"5\"/>"
        ));
        self.text("出口", (WALLS.x + 96.0, middle), 26.0, "#2e7d32");
    }
}

#[cfg(test)]
mod tests {
    use super::super::building::buildings;
    use super::*;

    #[test]
    fn a_plan_draws_every_desk_room_locker_and_the_exit() {
        for (site, floors) in buildings() {
            for floor in &floors {
                let svg = draw(floor, &format!("{site} {}", floor.name));
                let desks: usize = floor.rows.iter().map(|row| row.desks.len()).sum();
                assert_eq!(svg.matches("<circle").count(), desks);
                for named in floor.rooms.iter().chain(&floor.lockers) {
                    assert!(svg.contains(named.name), "{}", named.name);
                }
                assert!(svg.contains("出口") && svg.contains(site));
            }
        }
    }

    #[test]
    fn a_plan_holds_nothing_that_a_browser_would_run_or_fetch() {
        let (_, floors) = &buildings()[0];
        let svg = draw(&floors[0], "本庁舎 1階");
        let fetched = svg.matches("http").count();
        assert_eq!(fetched, 1, "only the namespace");
        for word in ["<script", "href", "onload", "url("] {
            assert!(!svg.contains(word), "{word}");
        }
    }
}
