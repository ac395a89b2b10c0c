//! An upper bound on the work of one evaluation, known before it starts.
//!
//! The estimate follows sizes through the expression. Within a macro the sum over all elements is
//! what counts: the size of a body is a polynomial with non-negative coefficients in the size of
//! its element, hence superadditive beyond its value at an empty element, so
//! `Σ body(element) ≤ elements × body(empty) + body(whole range)`. That is exact for the usual
//! linear bodies and still bounds the doubling ones.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue};

use super::Names;

/// A value's size: JSON nodes, and bytes of text (keys included).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Size {
    pub nodes: u64,
    pub bytes: u64,
}

impl Size {
    const EMPTY: Self = Self { nodes: 0, bytes: 0 };
    const SCALAR: Self = Self { nodes: 1, bytes: 32 };

    fn text(bytes: usize) -> Self {
        Self { nodes: 1, bytes: bytes as u64 }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    fn times(self, count: u64) -> Self {
        Self { nodes: self.nodes.saturating_mul(count), bytes: self.bytes.saturating_mul(count) }
    }

    fn larger(self, other: Self) -> Self {
        Self { nodes: self.nodes.max(other.nodes), bytes: self.bytes.max(other.bytes) }
    }

    pub(super) fn fits(self, other: Self) -> bool {
        self.nodes <= other.nodes && self.bytes <= other.bytes
    }

    /// Steps to read or copy it.
    fn steps(self) -> u64 {
        self.nodes.saturating_add(self.bytes / 64)
    }
}

/// Sizes of what an expression reads of each variable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs<'i> {
    pub names: Names,
    /// In the order of the names.
    pub sizes: &'i [Size],
}

impl Inputs<'_> {
    fn of(&self, name: &str) -> Option<Size> {
        let place = self.names.iter().position(|known| *known == name)?;
        self.sizes.get(place).copied()
    }
}

/// Steps that evaluating takes at most. A step is about 100 nanoseconds or 100 bytes.
pub(super) fn steps(root: &IdedExpr, inputs: Inputs<'_>) -> u64 {
    let bound = Estimator { inputs, locals: Vec::new() }.visit(root);
    bound.steps.saturating_add(bound.size.steps())
}

#[derive(Debug, Clone, Copy)]
struct Bound {
    size: Size,
    steps: u64,
}

struct Estimator<'e> {
    inputs: Inputs<'e>,
    locals: Vec<(&'e str, Size)>,
}

impl<'e> Estimator<'e> {
    fn visit(&mut self, node: &'e IdedExpr) -> Bound {
        match &node.expr {
            Expr::Unspecified | Expr::Struct(_) => Bound { size: Size::EMPTY, steps: u64::MAX },
            Expr::Literal(literal) => Bound { size: literal_size(literal), steps: 1 },
            Expr::Ident(name) => Bound { size: self.variable(name), steps: 1 },
            Expr::Select(select) => {
                let of = self.visit(&select.operand);
                Bound { steps: of.steps.saturating_add(1), ..of }
            }
            Expr::List(list) => self.collect(list.elements.iter()),
            Expr::Map(map) => {
                self.collect(map.entries.iter().flat_map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => [&entry.key, &entry.value],
                    EntryExpr::StructField(field) => [&field.value, &field.value],
                }))
            }
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(macro_) => self.comprehension(macro_),
        }
    }

    fn variable(&self, name: &str) -> Size {
        let local = self.locals.iter().rev().find(|(local, _)| *local == name);
        match local {
            Some((_, size)) => *size,
            None => self.inputs.of(name).unwrap_or(Size::SCALAR),
        }
    }

    /// A list or map literal: its elements are copied into it.
    fn collect(&mut self, elements: impl Iterator<Item = &'e IdedExpr>) -> Bound {
        let all = self.sum(elements);
        let size = all.size.plus(Size::text(0));
        Bound { size, steps: all.steps.saturating_add(size.steps()) }
    }

    fn sum(&mut self, nodes: impl Iterator<Item = &'e IdedExpr>) -> Bound {
        nodes.fold(Bound { size: Size::EMPTY, steps: 1 }, |sum, node| {
            let next = self.visit(node);
            Bound { size: sum.size.plus(next.size), steps: sum.steps.saturating_add(next.steps) }
        })
    }

    fn call(&mut self, call: &'e CallExpr) -> Bound {
        let operands: Vec<Bound> =
            call.target.as_deref().into_iter().chain(&call.args).map(|n| self.visit(n)).collect();
        let size_of = |index: usize| operands.get(index).map_or(Size::EMPTY, |bound| bound.size);
        let total = operands.iter().fold(Size::EMPTY, |sum, bound| sum.plus(bound.size));
        let before = operands.iter().fold(1_u64, |sum, bound| sum.saturating_add(bound.steps));
        let (size, work) = match call.func_name.as_str() {
            "_?_:_" => (size_of(1).larger(size_of(2)), 1),
            "_[_]" => (size_of(0), 1),
            "!_" | "_&&_" | "_||_" | "@not_strictly_false" => (Size::SCALAR, 1),
            "_+_" | "string" | "dyn" | "bytes" | "lowerAscii" | "upperAscii" | "trim"
            | "substring" => (total.plus(Size::SCALAR), total.steps()),
            // Each byte may become an element, or be replaced by the whole of another text.
            "split" => (Size { nodes: total.bytes.saturating_add(2), ..total }, total.bytes),
            "join" => {
                let size = size_of(0).plus(size_of(1).times(size_of(0).nodes));
                (size, size.steps())
            }
            "replace" => {
                let size = total.plus(size_of(2).times(size_of(0).bytes.saturating_add(1)));
                (size, size.steps())
            }
            "matches" => (Size::SCALAR, total.bytes.saturating_add(1_000)),
            _ => (Size::SCALAR, total.steps()),
        };
        Bound { size, steps: before.saturating_add(work) }
    }

    fn comprehension(&mut self, macro_: &'e ComprehensionExpr) -> Bound {
        let range = self.visit(&macro_.iter_range);
        let start = self.visit(&macro_.accu_init);
        let fixed = self.body(macro_, Size::EMPTY);
        let whole = self.body(macro_, range.size);
        let rounds = range.size.nodes;
        let steps = fixed.steps.saturating_add(2).saturating_mul(rounds);
        Bound {
            size: start.size.plus(fixed.size.times(rounds)).plus(whole.size),
            steps: [range.steps, range.size.steps(), start.steps, steps, whole.steps]
                .into_iter()
                .fold(0, u64::saturating_add),
        }
    }

    /// One round with an element of that size. The accumulator counts as empty: the macros only
    /// ever add to it, and what they add is what one round's size says.
    fn body(&mut self, macro_: &'e ComprehensionExpr, element: Size) -> Bound {
        let outer = self.locals.len();
        self.locals.push((&macro_.iter_var, element));
        if let Some(second) = &macro_.iter_var2 {
            self.locals.push((second, element));
        }
        self.locals.push((&macro_.accu_var, Size::EMPTY));
        let condition = self.visit(&macro_.loop_cond);
        let step = self.visit(&macro_.loop_step);
        self.locals.truncate(outer);
        Bound { size: step.size, steps: condition.steps.saturating_add(step.steps) }
    }
}

fn literal_size(literal: &LiteralValue) -> Size {
    match literal {
        LiteralValue::String(text) => Size::text(text.inner().len()),
        LiteralValue::Bytes(bytes) => Size::text(bytes.inner().len()),
        _ => Size::SCALAR,
    }
}
