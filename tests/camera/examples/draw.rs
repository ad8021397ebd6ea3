//! Looks through the synthetic camera: `cargo run -p kokoni-camera --example draw -- DIR [SEEDS]`
//! writes one PGM image per seed and range, and how long each took.
#![expect(
    clippy::print_stdout,
    reason = "an example's answer goes to the terminal"
)]

use std::time::Instant;

use kokoni_camera::{Difficulty, Random, Shot};
use kokoni_model::label::{Host, LabelId, label_symbol};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = std::path::PathBuf::from(arguments.next().ok_or("which folder?")?);
    let seeds: u64 = arguments.next().map_or(Ok(8), |count| count.parse())?;
    let host = Host::new("k.example.jp")?;
    for seed in 0..seeds {
        let mut random = Random::new(seed);
        let id = LabelId::from_bytes(std::array::from_fn(|_| random.next_u64() as u8));
        let symbol = label_symbol(&host, &id)?;
        for difficulty in [Difficulty::Everyday, Difficulty::Whole] {
            let begun = Instant::now();
            let frame = Shot::from_seed(seed, difficulty).draw(&symbol).frame;
            let name = format!("{difficulty:?}-{seed}.pgm").to_lowercase();
            println!("{name} {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
            let mut bytes = format!("P5 {} {} 255\n", frame.width, frame.height).into_bytes();
            bytes.extend_from_slice(&frame.pixels);
            std::fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
