// Asks @confio/ics23 about proofs. In: JSON lines {root, key, value or null, proof, hashed}, bytes as hex.
// Out: a line "true" or "false" for each. A null value asks whether the key is absent.
//
// This verifier is older than SmtSpec's hashing of keys: its own smtSpec takes the place of a key for the key. So with
// "hashed" it is asked about sha256(key) under smtSpec as published; without, under smtSpec plus the hashing of keys.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import verifier from "@confio/ics23";
import specs from "@confio/ics23/build/proofs.js"; // smtSpec is not among the package's own exports

const { ics23, verifyMembership, verifyNonMembership } = verifier;
const { smtSpec } = specs;
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hashingKeys = { ...smtSpec, leafSpec: { ...smtSpec.leafSpec, prehashKey: ics23.HashOp.SHA256 } };

function answer({ root, key, value, proof, hashed }) {
  const decoded = ics23.CommitmentProof.decode(bytes(proof));
  const asked = hashed ? Uint8Array.from(createHash("sha256").update(bytes(key)).digest()) : bytes(key);
  const spec = hashed ? smtSpec : hashingKeys;
  return value === null
    ? verifyNonMembership(decoded, spec, bytes(root), asked)
    : verifyMembership(decoded, spec, bytes(root), asked, bytes(value));
}

for await (const line of createInterface({ input: process.stdin })) {
  let accepted = false;
  try {
    accepted = answer(JSON.parse(line));
  } catch {
    // bytes that are no protobuf message, or a step that the library throws at: not accepted
  }
  console.log(accepted);
}
