//! SPDX licence expressions, as far as manifests use them: AND, OR, WITH, parentheses, and the old `MIT/Apache-2.0`.

/// Whether the expression can be met with licences that `allowed` says yes to. `None` if it is no such expression.
pub fn can_be_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any(&tokens, allowed)?;
    rest.is_empty().then_some(met)
}

type Parsed<'a, 'b> = Option<(bool, &'a [&'b str])>;

fn any<'a, 'b>(tokens: &'a [&'b str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a, 'b> {
    let (mut met, mut rest) = all(tokens, allowed)?;
    while let ["OR", tail @ ..] = rest {
        let (also, tail) = all(tail, allowed)?;
        met |= also;
        rest = tail;
    }
    Some((met, rest))
}

fn all<'a, 'b>(tokens: &'a [&'b str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a, 'b> {
    let (mut met, mut rest) = one(tokens, allowed)?;
    while let ["AND", tail @ ..] = rest {
        let (also, tail) = one(tail, allowed)?;
        met &= also;
        rest = tail;
    }
    Some((met, rest))
}

fn one<'a, 'b>(tokens: &'a [&'b str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a, 'b> {
    match tokens {
        ["(", tail @ ..] => match any(tail, allowed)? {
            (met, [")", rest @ ..]) => Some((met, rest)),
            _ => None,
        },
        ["AND" | "OR" | "WITH" | ")", ..] | [] => None,
        [licence, "WITH", exception, rest @ ..] => Some((allowed(&format!("{licence} WITH {exception}")), rest)),
        [licence, rest @ ..] => Some((allowed(licence), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_mean_what_they_say() {
        let allowed = |licence: &str| ["MIT", "ISC"].contains(&licence);
        for (expression, met) in [
            ("MIT", Some(true)),
            ("GPL-3.0", Some(false)),
            ("GPL-3.0 OR MIT", Some(true)),
            ("MIT/Apache-2.0", Some(true)),
            ("MIT AND Apache-2.0", Some(false)),
            ("GPL-3.0 OR MIT AND ISC", Some(true)),
            ("(GPL-3.0 OR MIT) AND Unicode-3.0", Some(false)),
            ("MIT WITH LLVM-exception", Some(false)),
            ("MIT AND", None),
            ("(MIT", None),
            ("MIT ISC", None),
            ("", None),
        ] {
            assert_eq!(can_be_met(expression, &allowed), met, "{expression}");
        }
    }
}
