//! Scroll distances finer than a notch (XI2proto.txt, "XIScrollClass").

use x11rb::protocol::xinput::{DeviceClass, DeviceClassData, Fp3232, ScrollType, ValuatorMode};

use super::NOTCH;

/// An axis of a device that scrolls.
pub(super) struct Axis {
    number: u16,
    vertical: bool,
    /// How far it goes for a notch.
    increment: f64,
    /// What was scrolled and not told yet: less than a unit.
    rest: f64,
}

/// The axes that tell distances. One that tells where it stands has no scroll of its own to tell: its buttons do.
pub(super) fn axes(classes: &[DeviceClass]) -> Vec<Axis> {
    let is_relative = |number| {
        classes.iter().any(|class| match &class.data {
            DeviceClassData::Valuator(axis) => axis.number == number && axis.mode == ValuatorMode::RELATIVE,
            _ => false,
        })
    };
    let axis = |class: &DeviceClass| match &class.data {
        DeviceClassData::Scroll(scroll) => Some(Axis {
            number: scroll.number,
            vertical: scroll.scroll_type == ScrollType::VERTICAL,
            increment: number(scroll.increment),
            rest: 0.0,
        }),
        _ => None,
    };
    classes.iter().filter_map(axis).filter(|axis| axis.increment != 0.0 && is_relative(axis.number)).collect()
}

/// Which ways a device tells distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directions {
    pub(super) down: bool,
    pub(super) across: bool,
}

pub(super) fn directions(axes: &[Axis]) -> Directions {
    Directions { down: axes.iter().any(|axis| axis.vertical), across: axes.iter().any(|axis| !axis.vertical) }
}

/// How far these valuators scroll to the right and down, in 1/120 notch; nothing where they make no whole unit.
pub(super) fn distance(axes: &mut [Axis], mask: &[u32], values: &[Fp3232]) -> Option<(i32, i32)> {
    let (mut dx, mut dy) = (0, 0);
    for axis in axes {
        let Some(delta) = valuator(mask, values, axis.number) else { continue };
        *(if axis.vertical { &mut dy } else { &mut dx }) += axis.units(delta);
    }
    (dx != 0 || dy != 0).then_some((dx, dy))
}

impl Axis {
    /// The whole units of what has come together.
    fn units(&mut self, delta: f64) -> i32 {
        let all = self.rest + delta / self.increment * f64::from(NOTCH);
        let whole = all.trunc();
        self.rest = all - whole;
        #[expect(clippy::cast_possible_truncation, reason = "whole, and a cast from a float saturates")]
        let units = whole as i32;
        units
    }
}

/// The value of that valuator. The values are those of the bits that are set, in their order.
fn valuator(mask: &[u32], values: &[Fp3232], number: u16) -> Option<f64> {
    let (word, bit) = (usize::from(number / 32), number % 32);
    let here = *mask.get(word)?;
    if here & (1 << bit) == 0 {
        return None;
    }
    let before =
        mask.iter().take(word).map(|word| word.count_ones()).sum::<u32>() + (here & ((1 << bit) - 1)).count_ones();
    values.get(usize::try_from(before).ok()?).copied().map(self::number)
}

/// 32 bits before the point, 32 behind.
fn number(fixed: Fp3232) -> f64 {
    f64::from(fixed.integral) + f64::from(fixed.frac) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(number: u16, vertical: bool, increment: f64) -> Axis {
        Axis { number, vertical, increment, rest: 0.0 }
    }

    fn fixed(value: f64) -> Fp3232 {
        let integral = value.floor();
        Fp3232 { integral: integral as i32, frac: ((value - integral) * 4_294_967_296.0) as u32 }
    }

    #[test]
    fn a_distance_is_told_in_parts_of_a_notch_and_what_is_left_over_is_kept() {
        let mut axes = [axis(2, true, 15.0), axis(33, false, -120.0)];
        // Bits 1, 2 and 33: the first is no axis that scrolls.
        let mask = [0b110, 0b10];
        let mut scroll = |dy, dx| distance(&mut axes, &mask, &[fixed(9.0), fixed(dy), fixed(dx)]);
        assert_eq!(scroll(15.0, -60.5), Some((60, 120)));
        assert_eq!(scroll(0.0, -0.25), None);
        assert_eq!(scroll(-7.5, -0.25), Some((1, -60)));
        assert_eq!(distance(&mut axes, &[0b010, 0], &[fixed(9.0)]), None);
        assert_eq!(distance(&mut axes, &mask, &[]), None, "values that are missing are none");
    }
}
