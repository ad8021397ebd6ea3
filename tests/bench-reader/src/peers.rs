//! The peers, each with the options that read most.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::helpers::detect_multiple_in_luma_with_hints;

use crate::answer::{Answer, Decoder, Luma};

/// zxing-cpp first: the ratios are to its times.
pub(crate) fn all() -> Vec<Box<dyn Decoder>> {
    vec![
        zxing(),
        Box::new(Rxing),
        Box::new(Rqrr),
        Box::new(Quircs::default()),
    ]
}

/// zxing-cpp with everything on that finds more: try harder, rotated, inverted, downscaled.
pub(crate) fn zxing() -> Box<dyn Decoder> {
    let reader = zxingcpp::read()
        .formats([zxingcpp::BarcodeFormat::QRCode])
        .try_harder(true)
        .try_rotate(true)
        .try_invert(true)
        .try_downscale(true);
    Box::new(Zxing { reader })
}

struct Zxing {
    reader: zxingcpp::BarcodeReader,
}

impl Decoder for Zxing {
    fn name(&self) -> String {
        "zxing-cpp".to_owned()
    }

    fn read(&mut self, frame: &Luma, _first: bool) -> Vec<Answer> {
        let (width, height) = (frame.width as i32, frame.height as i32);
        let format = zxingcpp::ImageFormat::Lum;
        let Ok(view) = zxingcpp::ImageView::from_slice(&frame.pixels, width, height, format) else {
            return Vec::new();
        };
        let found = self.reader.from(view).unwrap_or_default();
        let answer = |code: &zxingcpp::Barcode| {
            let p = code.position();
            let corners = [p.top_left, p.top_right, p.bottom_right, p.bottom_left];
            Answer::of_peer(code.text(), corners.map(|p| (p.x as f32, p.y as f32)))
        };
        found
            .iter()
            .filter(|code| code.is_valid())
            .map(answer)
            .collect()
    }
}

struct Rxing;

impl Decoder for Rxing {
    fn name(&self) -> String {
        "rxing".to_owned()
    }

    fn read(&mut self, frame: &Luma, _first: bool) -> Vec<Answer> {
        let mut hints = rxing::DecodeHints {
            PossibleFormats: Some(HashSet::from([rxing::BarcodeFormat::QR_CODE])),
            TryHarder: Some(true),
            AlsoInverted: Some(true),
            ..Default::default()
        };
        let (width, height) = (frame.width as u32, frame.height as u32);
        let mut look = || {
            let luma = frame.pixels.clone();
            detect_multiple_in_luma_with_hints(luma, width, height, &mut hints)
        };
        let found = catch_unwind(AssertUnwindSafe(&mut look));
        let codes = found.ok().and_then(Result::ok).unwrap_or_default();
        let answer = |code: &rxing::RXingResult| {
            let points = code.getPoints();
            let at = |i: usize| {
                points
                    .get(i)
                    .or(points.first())
                    .map_or((0.0, 0.0), |p| (p.x, p.y))
            };
            Answer::of_peer(code.getText().to_owned(), [at(0), at(2), at(0), at(2)])
        };
        codes.iter().map(answer).collect()
    }
}

struct Rqrr;

impl Decoder for Rqrr {
    fn name(&self) -> String {
        "rqrr".to_owned()
    }

    fn read(&mut self, frame: &Luma, _first: bool) -> Vec<Answer> {
        let look = || {
            let pixel = |x: usize, y: usize| frame.pixels[y * frame.width + x];
            let mut image =
                rqrr::PreparedImage::prepare_from_greyscale(frame.width, frame.height, pixel);
            let grids = image.detect_grids();
            let read = grids
                .iter()
                .filter_map(|grid| Some((grid.decode().ok()?.1, grid.bounds)));
            read.collect::<Vec<_>>()
        };
        // It panics on some frames; that reads nothing there and stops nothing.
        let codes = catch_unwind(AssertUnwindSafe(look)).unwrap_or_default();
        let codes = codes.into_iter();
        codes
            .map(|(text, bounds)| Answer::of_peer(text, bounds.map(|p| (p.x as f32, p.y as f32))))
            .collect()
    }
}

#[derive(Default)]
struct Quircs {
    decoder: quircs::Quirc,
}

impl Decoder for Quircs {
    fn name(&self) -> String {
        "quircs".to_owned()
    }

    fn read(&mut self, frame: &Luma, _first: bool) -> Vec<Answer> {
        let decoder = &mut self.decoder;
        let look = || {
            let codes = decoder.identify(frame.width, frame.height, &frame.pixels);
            let read = codes.flatten().filter_map(|code| {
                let text = String::from_utf8_lossy(&code.decode().ok()?.payload).into_owned();
                let corners = code.corners.map(|p| (p.x as f32, p.y as f32));
                Some(Answer::of_peer(text, corners))
            });
            read.collect::<Vec<_>>()
        };
        match catch_unwind(AssertUnwindSafe(look)) {
            Ok(answers) => answers,
            Err(_) => {
                self.decoder = quircs::Quirc::default();
                Vec::new()
            }
        }
    }
}
