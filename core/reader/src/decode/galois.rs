//! Arithmetic in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (ISO/IEC 18004:2015, 7.5.2),
//! by tables of powers and logarithms of the generator 2.

const POLYNOMIAL: u16 = 0x11d;

const fn tables() -> ([u8; 512], [u8; 256]) {
    let (mut power, mut log) = ([0u8; 512], [0u8; 256]);
    let mut value = 1u16;
    let mut exponent = 0;
    while exponent < 255 {
        power[exponent] = value as u8;
        // Written twice, so that a sum of two logarithms needs no reduction.
        power[exponent + 255] = value as u8;
        log[value as usize] = exponent as u8;
        value <<= 1;
        if value & 0x100 != 0 {
            value ^= POLYNOMIAL;
        }
        exponent += 1;
    }
    (power, log)
}

static TABLES: ([u8; 512], [u8; 256]) = tables();

/// 2 to this power; exponents from 0 to 509.
#[inline]
pub(super) fn power(exponent: usize) -> u8 {
    TABLES.0[exponent]
}

/// The product.
#[inline]
pub(super) fn multiply(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    TABLES.0[usize::from(TABLES.1[usize::from(a)]) + usize::from(TABLES.1[usize::from(b)])]
}

/// The quotient; `None` for a division by zero.
#[inline]
pub(super) fn divide(a: u8, b: u8) -> Option<u8> {
    if b == 0 {
        return None;
    }
    if a == 0 {
        return Some(0);
    }
    let exponent =
        255 + usize::from(TABLES.1[usize::from(a)]) - usize::from(TABLES.1[usize::from(b)]);
    Some(TABLES.0[exponent])
}

/// The value at `x` of a polynomial given from its constant term upwards.
#[inline]
pub(super) fn evaluate(coefficients: &[u8], x: u8) -> u8 {
    coefficients
        .iter()
        .rev()
        .fold(0, |sum, &c| multiply(sum, x) ^ c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Schoolbook: shift and reduce.
    fn slow_product(a: u8, b: u8) -> u8 {
        let (mut a, mut product) = (u16::from(a), 0u16);
        for bit in 0..8 {
            if b >> bit & 1 == 1 {
                product ^= a;
            }
            a <<= 1;
            if a & 0x100 != 0 {
                a ^= POLYNOMIAL;
            }
        }
        product as u8
    }

    #[test]
    fn products_are_those_of_schoolbook_reduction() {
        for a in 0..=255 {
            for b in 0..=255 {
                assert_eq!(multiply(a, b), slow_product(a, b), "{a} × {b}");
            }
        }
    }

    proptest! {
        #[test]
        fn division_undoes_multiplication(a: u8, b in 1u8..) {
            prop_assert_eq!(divide(multiply(a, b), b), Some(a));
            prop_assert_eq!(divide(a, 0), None);
        }
    }
}
