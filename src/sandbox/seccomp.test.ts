import { expect, test } from "bun:test";
import { syscallFilter } from "./seccomp.ts";

const X64 = 0xc000_003e;
const ARM64 = 0xc000_00b7;
const ALLOW = 0x7fff_0000;
const errno = (number: number) => 0x0005_0000 | number;

/** Runs the program as the kernel does (seccomp(2)): an accumulator, jumps forward, a verdict. */
function verdict(arch: string, call: { audit: number; number: number; first?: number }): number {
  const program = Buffer.from(syscallFilter(arch)!);
  const data = new Map([
    [0, call.number],
    [4, call.audit],
    [16, call.first ?? 0],
  ]);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at);
    const [then, otherwise, operand] = [
      program.readUInt8(at + 2),
      program.readUInt8(at + 3),
      program.readUInt32LE(at + 4),
    ];
    if (code === 0x06) return operand;
    if (code === 0x20) accumulator = data.get(operand)!;
    else at += 8 * ((code === 0x15 ? accumulator === operand : accumulator >= operand) ? then : otherwise);
  }
  throw new Error("The program ends without a verdict.");
}

test("ordinary calls pass: read, write, mmap, clone, connect", () => {
  for (const number of [0, 1, 9, 56, 42, 435]) expect(verdict("x64", { audit: X64, number })).toBe(ALLOW);
  for (const number of [63, 64, 222, 220, 203, 435])
    expect(verdict("arm64", { audit: ARM64, number })).toBe(ALLOW);
});

test("sockets of the usual families pass, every other is of no known family", () => {
  for (const [arch, audit, number] of [
    ["x64", X64, 41],
    ["arm64", ARM64, 198],
  ] as const) {
    for (const first of [1, 2, 10, 16]) expect(verdict(arch, { audit, number, first })).toBe(ALLOW);
    for (const first of [0, 3, 17, 38, 40, 44])
      expect(verdict(arch, { audit, number, first })).toBe(errno(97));
  }
});

test("io_uring, ptrace, bpf and their like are refused", () => {
  for (const number of [425, 426, 427, 101, 321, 323, 298, 248, 249, 250, 310, 311])
    expect(verdict("x64", { audit: X64, number })).toBe(errno(1));
  for (const number of [425, 426, 427, 117, 280, 282, 241, 217, 218, 219, 270, 271])
    expect(verdict("arm64", { audit: ARM64, number })).toBe(errno(1));
});

test("calls by another table of numbers are not there or refused: 32-bit ones, and x32", () => {
  expect(verdict("x64", { audit: 0x4000_0003, number: 1 })).toBe(errno(38));
  expect(verdict("x64", { audit: X64, number: 0x4000_0000 + 41 })).toBe(errno(1));
});

test("a machine without a program has no filter", () => expect(syscallFilter("mips")).toBeUndefined());
