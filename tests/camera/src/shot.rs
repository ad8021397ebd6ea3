//! How a picture is taken: pose, light, focus, hand and sensor; and what the camera's range is.

use crate::draw::{Picture, draw_scene};
use crate::pose::Pose;
use crate::random::Random;
use crate::sticker::{Print, Sticker};

/// One picture to be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    /// Fixes the desk, the dirt and the sensor's noise.
    pub seed: u64,
    /// Number of the frame within one hand's burst; changes the noise, not the desk.
    pub moment: u64,
    /// Frame width in pixels.
    pub width: usize,
    /// Frame height in pixels.
    pub height: usize,
    /// Where the label stands.
    pub pose: Pose,
    /// Light dark on light paper swapped.
    pub inverted: bool,
    /// Grey level of white paper in full light: 255 is the most the sensor gives.
    pub paper: f32,
    /// Grey level of the ink.
    pub ink: f32,
    /// Share of the light that falls off across the label, 0 to 1.
    pub gradient: f32,
    /// A shadow's edge across the label.
    pub shadow: Option<Shadow>,
    /// A lamp mirrored in the sticker.
    pub glare: Option<Glare>,
    /// Share of the symbol under dirt, scratches and wear, 0 to 0.5.
    pub dirt: f32,
    /// Modules, measured along the diagonal, that tape hides at one finder corner.
    pub taped_corner: f32,
    /// Standard deviation of the lens blur in pixels.
    pub defocus: f32,
    /// The hand's movement while the shutter is open.
    pub motion: Motion,
    /// Standard deviation of the sensor's noise at a grey level of 160.
    pub noise: f32,
    /// Things on the desk beside the label.
    pub clutter: usize,
}

/// The hand's movement while the shutter is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// Pixels.
    pub length: f32,
    /// Degrees.
    pub direction: f32,
}

/// A lamp mirrored in the sticker: a bright round spot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glare {
    /// Added grey levels in its middle, in units of 200.
    pub strength: f32,
    /// Where its middle is, in label sizes from the label's middle.
    pub at: (f32, f32),
    /// Radius (one standard deviation) in label sizes.
    pub radius: f32,
}

/// A shadow's edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shadow {
    /// Share of the light that it takes, 0 to 1.
    pub depth: f32,
    /// Degrees: the direction in which it gets darker.
    pub direction: f32,
    /// Where the edge is, in label sizes from the label's middle.
    pub offset: f32,
    /// Pixels over which it fades.
    pub softness: f32,
}

/// A part of the camera's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difficulty {
    /// An office by day and a calm hand: what most frames look like.
    Everyday,
    /// From a clean frame to what no decoder reads: small, steep, blurred, shaken, dim, glaring,
    /// dirty, taped over, inverted.
    Whole,
}

impl Shot {
    /// A label in the middle, facing the camera, in good light.
    pub fn plain(seed: u64) -> Self {
        Self {
            seed,
            moment: 0,
            width: 1280,
            height: 720,
            pose: Pose {
                module_px: 6.0,
                tilt: 0.0,
                tilt_axis: 0.0,
                rotation: 0.0,
                at: (0.0, 0.0),
            },
            inverted: false,
            paper: 220.0,
            ink: 30.0,
            gradient: 0.0,
            shadow: None,
            glare: None,
            dirt: 0.0,
            taped_corner: 0.0,
            defocus: 0.5,
            motion: Motion {
                length: 0.0,
                direction: 0.0,
            },
            noise: 2.0,
            clutter: 3,
        }
    }

    /// A shot from the camera's range; the seed fixes all of it.
    pub fn from_seed(seed: u64, difficulty: Difficulty) -> Self {
        let mut random = Random::stream(seed, 1);
        let everyday = Self::everyday(seed, &mut random);
        match difficulty {
            Difficulty::Everyday => everyday,
            Difficulty::Whole => everyday.harmed(&mut random),
        }
    }

    fn everyday(seed: u64, random: &mut Random) -> Self {
        Self {
            pose: Pose {
                module_px: random.between(5.0, 9.0),
                tilt: random.between(0.0, 25.0),
                tilt_axis: random.between(0.0, 360.0),
                rotation: random.between(0.0, 360.0),
                at: (random.between(-0.8, 0.8), random.between(-0.8, 0.8)),
            },
            paper: random.between(180.0, 240.0),
            ink: random.between(15.0, 45.0),
            gradient: random.between(0.0, 0.25),
            dirt: random.between(0.0, 0.008),
            defocus: random.between(0.4, 0.9),
            motion: Motion {
                length: random.between(0.0, 1.5),
                direction: random.between(0.0, 180.0),
            },
            noise: random.between(1.5, 4.0),
            clutter: 1 + random.below(4),
            ..Self::plain(seed)
        }
    }

    /// One harm in earnest, from mild to beyond reading; a second one in a third of the shots.
    fn harmed(mut self, random: &mut Random) -> Self {
        self.harm(random);
        if random.chance(1.0 / 3.0) {
            self.harm(random);
        }
        self
    }

    fn harm(&mut self, random: &mut Random) {
        const HARMS: usize = 11;
        let kind = random.below(HARMS);
        let hard = random.unit();
        let lerp = |low: f32, high: f32| low + (high - low) * hard;
        let module = self.pose.module_px;
        match kind {
            0 => {
                self.pose.module_px = lerp(3.2, 1.3);
                self.defocus = self.defocus.min(0.55);
                self.motion.length *= 0.4;
            }
            1 => self.pose.tilt = lerp(30.0, 65.0),
            2 => self.defocus = lerp(0.4, 1.1) * module,
            3 => self.motion.length = lerp(0.8, 3.2) * module,
            4 => {
                self.paper = lerp(100.0, 32.0);
                self.ink = 0.16 * self.paper;
                self.noise = lerp(8.0, 26.0);
            }
            5 => {
                self.gradient = lerp(0.4, 0.9);
                self.glare = Some(Glare {
                    strength: lerp(0.5, 2.6),
                    at: (random.between(-0.4, 0.4), random.between(-0.4, 0.4)),
                    radius: random.between(0.12, 0.3),
                });
            }
            6 => {
                self.shadow = Some(Shadow {
                    depth: lerp(0.3, 0.8),
                    direction: random.between(0.0, 360.0),
                    offset: random.between(-0.3, 0.3),
                    softness: random.between(2.0, 20.0),
                });
            }
            7 => {
                self.ink = random.between(60.0, 150.0);
                self.paper = self.ink + lerp(40.0, 5.0);
                self.noise = random.between(1.5, 3.0);
            }
            8 => self.inverted = true,
            9 => self.dirt = lerp(0.01, 0.14),
            _ => self.taped_corner = lerp(6.0, 20.0),
        }
    }

    /// Frame `moment` of the same hand holding the same label: place, turn, distance, focus and
    /// movement waver as a hand's do; the desk and the light stay. 0 is the shot itself.
    pub fn shaken(&self, moment: u64) -> Self {
        if moment == 0 {
            return self.clone();
        }
        let mut random = Random::stream(self.seed ^ crate::random::mix(moment), 2);
        let mut shot = self.clone();
        shot.moment = moment;
        shot.pose.module_px *= 1.0 + 0.015 * random.normal();
        shot.pose.rotation += random.normal();
        shot.pose.tilt = (shot.pose.tilt + random.normal()).abs();
        // About 12 px of a frame 1920 wide.
        let sway = |at: f32, random: &mut Random| (at + 0.015 * random.normal()).clamp(-1.0, 1.0);
        shot.pose.at.0 = sway(shot.pose.at.0, &mut random);
        shot.pose.at.1 = sway(shot.pose.at.1, &mut random);
        shot.defocus *= libm::expf(0.3 * random.normal());
        shot.motion.length = (shot.motion.length
            + 0.5 * shot.pose.module_px * random.normal() * (shot.motion.length / 8.0).min(1.0))
        .abs();
        shot.motion.direction += 40.0 * random.normal();
        shot.noise *= libm::expf(0.15 * random.normal());
        shot
    }

    /// Takes the picture of one label on the desk.
    pub fn draw(&self, print: &dyn Print) -> Picture {
        draw_scene(
            self,
            &[Sticker {
                print,
                pose: self.pose,
            }],
        )
    }

    /// Takes the picture of a desk with no label on it.
    pub fn draw_empty(&self) -> Picture {
        draw_scene(self, &[])
    }
}
