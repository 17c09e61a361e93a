//! Asks the crate ics23 about proofs, under SmtSpec as published: keys hashed, neighbours compared by hash.
//! In: lines of root, key, value or -, proof, bytes as hex. Out: a line "true" or "false" for each.
//! The value - asks whether the key is absent.

use ics23::{smt_spec, verify_membership, verify_non_membership, CommitmentProof, HostFunctionsManager};
use prost::Message;
use std::io::{stdin, BufRead};

fn answer(line: &str) -> Option<bool> {
    let words: Vec<&str> = line.split(' ').collect();
    let [root, key, value, proof] = words[..] else { return None };
    let (root, key) = (hex::decode(root).ok()?, hex::decode(key).ok()?);
    let proof = CommitmentProof::decode(&hex::decode(proof).ok()?[..]).ok()?;
    if value == "-" {
        return Some(verify_non_membership::<HostFunctionsManager>(&proof, &smt_spec(), &root, &key));
    }
    let value = hex::decode(value).ok()?;
    Some(verify_membership::<HostFunctionsManager>(&proof, &smt_spec(), &root, &key, &value))
}

fn main() {
    std::panic::set_hook(Box::new(|_| {})); // the crate panics on some altered neighbours: not accepted
    for line in stdin().lock().lines() {
        let line = line.expect("lines of text");
        println!("{}", std::panic::catch_unwind(|| answer(&line)).ok().flatten().unwrap_or(false));
    }
}
