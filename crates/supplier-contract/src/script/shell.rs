//! A script as a shell script.

mod filter;
mod quote;

use std::fmt::Write as _;

use supplier_rulebook::RuleId;

use super::{Expect, NewOrders, Script, Step, Who};
use crate::http::{Body, Call};
use crate::provision::{Provision, sandbox_params, supplier_id};
use crate::template::{Template, template};
use quote::{can_hold, double, print, printf, single, url};

/// What every script begins with: how it calls, and how it tells what it saw.
pub(crate) const PROLOGUE: &str = r#"set -u
BASE_URL=${BASE_URL:?the URL of the target, such as http://127.0.0.1:4010}
PASSWORD=${PASSWORD:-secret$$}
CASE=${CASE:-case$$}
DIR=$(mktemp -d) || exit 2
trap 'rm -rf "$DIR"' EXIT
ORDERS='[]'
order() { printf '%s' "$ORDERS" | jq ".[$1]"; }
encoded() { printf '%s' "$1" | jq -sRr @uri; }
say() { printf '%s\n' "$*"; }
quiet() { curl -gfsS --max-time 30 "$@" || { say "could not be tried: $*" >&2; exit 2; }; }
# call NAME CURL-ARGUMENTS: the answer is kept under that name.
call() {
  name=$1; shift
  curl -gsS --path-as-is --max-time 30 -o "$DIR/$name" -D "$DIR/$name.head" -w '%{http_code}' "$@" >"$DIR/$name.status"
  [ -f "$DIR/$name" ] || : >"$DIR/$name"
  say "step $name: $(cat "$DIR/$name.status") $(head -c 400 "$DIR/$name" | tr -d '\000-\037')"
}
# kept NAME FILTER: whether the answer is as jq's filter has it.
kept() {
  jq -en --rawfile body "$DIR/$1" --rawfile head "$DIR/$1.head" --argjson orders "$ORDERS" \
    --argjson status "$(sed 's/^0*//; s/^$/0/' "$DIR/$1.status")" \
    '($body | try fromjson catch null) as $j | ($j | [.orders[]? | (.id? // .order?)]) as $listed | '"$2" >/dev/null 2>&1
}
"#;

/// The file that `without_prologue` expects the prologue in.
#[cfg(feature = "cli")]
pub(crate) const PROLOGUE_FILE: &str = "contract.sh";

/// A script that reads its prologue from a file, for a report that shows the prologue once; none if it has no prologue.
#[cfg(feature = "cli")]
pub(crate) fn without_prologue(shell: &str) -> Option<String> {
    let (before, after) = shell.split_once(PROLOGUE)?;
    Some(format!("{before}. ./{PROLOGUE_FILE}\n{after}"))
}

/// Only for bodies that are told in parts.
const REPEAT: &str = r#"# repeat TEXT TIMES
repeat() { awk -v n="$2" -v s="$1" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'; }
"#;

/// How a target is prepared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Sandbox,
    Hook,
    Hand,
}

/// The script for a POSIX shell with `curl` and `jq`: it exits with 1 where the target breaks the rule, 0 where it keeps it,
/// 2 where that could not be tried. `provision` says how the target is prepared, `expected` what is expected, in words.
pub(crate) fn shell(script: &Script, provision: Provision, rule: RuleId, expected: &str) -> String {
    let by = match provision {
        Provision::Sandbox => By::Sandbox,
        Provision::Http | Provision::Command => By::Hook,
        Provision::Static | Provision::None => By::Hand,
    };
    let mut text = String::from("#!/bin/sh\n");
    let title = supplier_rulebook::find(rule.as_str()).map_or("", |rule| rule.title);
    let _ = writeln!(text, "# {rule}: {title}.");
    text.push_str(
        "# Needs curl and jq. Exit code: 1 the rule is broken, 0 it is kept, 2 it could not be tried.\n",
    );
    text.push_str(PROLOGUE);
    if script.steps.iter().any(repeats) {
        text.push_str(REPEAT);
    }
    prepare(&mut text, by, provision, script.steps.iter().any(is_about_second));
    let mut told = Telling { text, by, step: 0 };
    for (place, step) in script.steps.iter().enumerate() {
        told.step = place + 1;
        told.step(step, (place == script.judged).then_some(&script.expect));
    }
    told.verdict(script, &crate::http::printable(expected, 200));
    told.text
}

fn prepare(text: &mut String, by: By, provision: Provision, second: bool) {
    match by {
        By::Sandbox => {
            let (first, other) = (supplier_id(Who::First), supplier_id(Who::Second));
            let _ = write!(
                text,
                r#"# A private sandbox, without orders, whose clock stands still.
control() {{ method=$1; path=$2; shift 2; quiet -X "$method" "$SANDBOX$path" -H 'Content-Type: application/json' ${{ADMIN_TOKEN:+-H "Authorization: Bearer $ADMIN_TOKEN"}} "$@"; }}
SANDBOX=$BASE_URL/_sandbox/sandboxes
MADE=$(control POST '' -d '{{"scenario": "empty", "ttlSeconds": 600}}') || exit 2
SANDBOX=$SANDBOX/$(printf '%s' "$MADE" | jq -r .id)
control PUT /clock -d '{{"mode": "frozen"}}' >"$DIR/clock"
API_KEY=$(printf '%s' "$MADE" | jq -r '.suppliers[] | select(.id == "{first}").key')
API_KEY_2=$(printf '%s' "$MADE" | jq -r '.suppliers[] | select(.id == "{other}").key')
"#
            );
        }
        By::Hook => {
            if provision == Provision::Http {
                text.push_str("HOOK_URL=${HOOK_URL:?the URL of the hook}\n");
                text.push_str(
                    "hook() { quiet \"$HOOK_URL\" -H 'Content-Type: application/json' -d \"{\\\"action\\\": \\\"$1\\\", \\\"params\\\": $2}\"; }\n",
                );
            } else {
                text.push_str("HOOK=${HOOK:?the hook with its arguments, as a command line}\n");
                text.push_str(
                    "hook() { printf '%s' \"{\\\"action\\\": \\\"$1\\\", \\\"params\\\": $2}\" | eval \"$HOOK\" || exit 2; }\n",
                );
            }
            text.push_str("hook reset '{}' >\"$DIR/reset\"\n");
            text.push_str("API_KEY=${API_KEY:-$(hook new_key '{\"supplier\": \"first\"}' | jq -r .key)}\n");
            if second {
                text.push_str(
                    "API_KEY_2=${API_KEY_2:-$(hook new_key '{\"supplier\": \"second\"}' | jq -r .key)}\n",
                );
            }
        }
        By::Hand => {
            text.push_str("API_KEY=${API_KEY:?the key of a supplier}\n");
            if second {
                text.push_str("API_KEY_2=${API_KEY_2:?the key of another supplier}\n");
            }
        }
    }
}

/// A script being written.
struct Telling {
    text: String,
    by: By,
    /// The number of the step, counted from 1.
    step: usize,
}

impl Telling {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn step(&mut self, step: &Step, judged: Option<&Expect>) {
        match step {
            Step::Place(orders) => self.place(orders),
            Step::Use(number) => {
                self.line(&format!("ORDERS=$(printf '%s' \"$ORDERS\" | jq -c '. + [{number}]')"));
            }
            Step::Advance(millis) => self.advance(*millis),
            Step::NewKey { supplier, name } => self.new_key(*supplier, name),
            Step::RevokeKey(name) => self.revoke_key(name),
            Step::Look(order) => self.look(*order),
            Step::Call(call) => {
                let told = told_call(call, &self.step.to_string());
                self.line(&told);
            }
            Step::Together(calls) => {
                for (place, call) in calls.iter().enumerate() {
                    let told = told_call(call, &format!("{}.{}", self.step, place + 1));
                    self.line(&format!("{told} &"));
                }
                self.line("wait");
            }
            Step::Repeat(call, times) => {
                let name = self.step.to_string();
                let told = told_call(call, &name);
                let filter =
                    judged.and_then(filter::filter).map_or_else(String::new, |filter| single(&filter));
                self.line(&format!("n=0; while [ $n -lt {times} ]; do"));
                self.line(&format!("  {told} >\"$DIR/said\""));
                self.line(&format!("  kept {name} {filter} || break"));
                self.line("  n=$((n + 1))\ndone\ncat \"$DIR/said\"");
            }
        }
    }

    fn place(&mut self, orders: &NewOrders) {
        let (params, filter) = if self.by == By::Sandbox {
            (sandbox_params(orders), "[.orders[].id]")
        } else {
            (orders.params(), ".orders")
        };
        let params = single(&params.to_string());
        let made = match self.by {
            By::Sandbox => format!("control POST /orders -d {params}"),
            _ => format!("hook create_orders {params}"),
        };
        self.line(&format!("MADE=$({made}) || exit 2"));
        self.line(&format!(
            "ORDERS=$(printf '%s' \"$MADE\" | jq -c --argjson before \"$ORDERS\" '$before + {filter}'); echo \"orders: $ORDERS\""
        ));
    }

    fn advance(&mut self, millis: u64) {
        let (whole, rest) = (millis / 1000, millis % 1000);
        let seconds = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}") };
        match self.by {
            By::Sandbox => self.line(&format!(
                "control POST /clock/advance -d '{{\"seconds\": {seconds}}}' >\"$DIR/clock\""
            )),
            By::Hook => {
                let (whole, rest) = (millis / 1000, millis % 1000);
                self.line(&format!("hook advance_clock '{{\"seconds\": {whole}}}' >\"$DIR/clock\""));
                if rest > 0 {
                    self.line(&format!("sleep 0.{rest:03}"));
                }
            }
            By::Hand => {
                self.line(&format!("echo 'waiting for {seconds} s'; sleep {}", millis.div_ceil(1000)));
            }
        }
        self.line(&format!("echo 'step {}: {seconds} s later'", self.step));
    }

    fn new_key(&mut self, supplier: Who, name: &str) {
        let variable = quote::variable(name);
        let made = match self.by {
            By::Sandbox => format!("control POST /suppliers/{}/keys -d '{{}}'", supplier_id(supplier)),
            _ => format!("hook new_key '{{\"supplier\": \"{}\"}}'", supplier.as_str()),
        };
        self.line(&format!("MADE=$({made}) || exit 2"));
        self.line(&format!("{variable}=$(printf '%s' \"$MADE\" | jq -r .key)"));
        if self.by == By::Sandbox {
            let supplier = supplier_id(supplier);
            self.line(&format!(
                "{variable}_AT=/suppliers/{supplier}/keys/$(printf '%s' \"$MADE\" | jq -r .id)"
            ));
        }
    }

    fn revoke_key(&mut self, name: &str) {
        let variable = quote::variable(name);
        if self.by == By::Sandbox {
            self.line(&format!("control DELETE \"${variable}_AT\""));
        } else {
            let key = format!("\"$(jq -cn --arg key \"${variable}\" '{{key: $key}}')\"");
            self.line(&format!("hook revoke_key {key} >\"$DIR/revoked\""));
        }
    }

    fn look(&mut self, order: usize) {
        let name = self.step;
        let look = match self.by {
            By::Sandbox => format!(
                "control GET \"/orders/$(order {order})\" | jq -c '{{status, accounts: (.accounts | length), supplierOrderId}}'"
            ),
            _ => format!("hook order_state \"{{\\\"order\\\": $(order {order})}}\""),
        };
        self.line(&format!(
            "{look} >\"$DIR/{name}\"; echo 200 >\"$DIR/{name}.status\"; : >\"$DIR/{name}.head\""
        ));
        self.line(&format!("say \"step {name}: the order is $(cat \"$DIR/{name}\")\""));
    }

    fn verdict(&mut self, script: &Script, words: &str) {
        let judged = script.judged + 1;
        let names: Vec<String> = match script.steps.get(script.judged) {
            Some(Step::Together(calls)) => {
                (1..=calls.len()).map(|place| format!("{judged}.{place}")).collect()
            }
            _ => vec![judged.to_string()],
        };
        match &script.expect {
            Expect::Law { .. } => {
                self.line(&format!("say {}; exit 0", single(&format!("expected: {words}"))));
            }
            Expect::OnceEach { steps } => {
                let steps: Vec<usize> = if steps.is_empty() { vec![script.judged] } else { steps.clone() };
                let files: Vec<_> = steps.iter().map(|&step| filter::files(script, step)).collect();
                self.line(&format!("FILES=\"{}\"", files.join(" ")));
                self.line("cd \"$DIR\" && jq -es '[.[] | .orders[]? | .id] | length == (unique | length)' $FILES >/dev/null \\");
                self.line("  && { echo 'kept'; exit 0; }");
                self.line("echo 'BROKEN: an order was handed out twice'; exit 1");
            }
            expect => {
                let filter = filter::filter(expect).map_or_else(String::new, |filter| single(&filter));
                let all: Vec<_> = names.iter().map(|name| format!("kept {name} {filter}")).collect();
                self.line(&format!("{} && {{ echo kept; exit 0; }}", all.join(" && ")));
                self.line(&format!(
                    "say {}; exit 1",
                    single(&format!("BROKEN: at step {judged}, expected {words}"))
                ));
            }
        }
    }
}

/// The longest body that stands in a command's arguments, in bytes: an argument of 128 KiB is refused.
const LONGEST_ARGUMENT: usize = 32 << 10;

/// A call, as a line of the script that keeps its answer under that name.
fn told_call(call: &Call, name: &str) -> String {
    let mut told = format!("call {name}");
    match call.method.as_str() {
        "GET" => {}
        "HEAD" => told.push_str(" --head"),
        method => {
            let _ = write!(told, " -X {method}");
        }
    }
    let _ = write!(told, " {}", url(&call.target()));
    for (header, value) in &call.headers {
        // This is how curl is told to send a header without a value.
        let header = if value.is_empty() {
            template![header.as_str(), ";"]
        } else {
            template![header.as_str(), ": ", value]
        };
        let _ = write!(told, " -H {}", double(&header));
    }
    let printed = match &call.body {
        Body::None => return told,
        Body::Text(text) if can_hold(text) && text.text_len() <= LONGEST_ARGUMENT => {
            // Not `--data-binary`, which takes what begins with `@` for the name of a file.
            let _ = write!(told, " --data-raw {}", double(text));
            return told;
        }
        Body::Text(text) => print(text),
        Body::Parts(parts) => {
            let repeat = |(text, times): &(String, usize)| format!("repeat {} {times}", single(text));
            parts.iter().map(repeat).collect::<Vec<_>>().join("; ")
        }
        Body::Bytes(bytes) => format!("printf {}", printf(bytes)),
    };
    // Calls that are made at the same time have a file each.
    format!("{{ {printed}; }} >\"$DIR/{name}.body\"; {told} --data-binary @\"$DIR/{name}.body\"")
}

/// Whether a step is about the second supplier.
fn is_about_second(step: &Step) -> bool {
    let by_second = |call: &Call| {
        let body = if let Body::Text(text) = &call.body { Some(text) } else { None };
        let templates = call.headers.iter().map(|(_, value)| value).chain([&call.query]).chain(body);
        templates.flat_map(Template::holes).any(|hole| hole.key() == Some(Who::Second.as_str()))
    };
    match step {
        Step::Place(orders) => orders.supplier == Who::Second || orders.shared_with == Some(Who::Second),
        Step::NewKey { supplier, .. } => *supplier == Who::Second,
        Step::Call(call) | Step::Repeat(call, _) => by_second(call),
        Step::Together(calls) => calls.iter().any(by_second),
        Step::RevokeKey(name) => name == Who::Second.as_str(),
        Step::Use(_) | Step::Advance(_) | Step::Look(_) => false,
    }
}

/// Whether a step sends a body that is told in parts.
fn repeats(step: &Step) -> bool {
    let in_parts = |call: &Call| matches!(call.body, Body::Parts(_));
    match step {
        Step::Call(call) | Step::Repeat(call, _) => in_parts(call),
        Step::Together(calls) => calls.iter().any(in_parts),
        _ => false,
    }
}
