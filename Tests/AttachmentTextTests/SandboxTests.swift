import Foundation
import Synchronization
import Testing

@testable import AttachmentText

@Suite("Confined subprocesses") struct SandboxTests {
    private func run(
        _ script: String, _ sandbox: Sandbox, input: [UInt8] = [], _ change: (inout AttachmentLimits) -> Void = { _ in }
    ) async -> Subprocess.Outcome {
        var limits = AttachmentLimits.standard
        change(&limits)
        let command = sandbox.command(["/usr/bin/sh", "-c", script], limits: limits)
        return await Subprocess(command: command, input: input, limits: limits).runDetached()
    }

    private func words(_ outcome: Subprocess.Outcome) -> String {
        guard case .exited(_, let output) = outcome else { return "\(outcome)" }
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("what goes in comes out, however large", arguments: SubprocessTextTests.sandboxes)
    func echo(_ sandbox: Sandbox) async {
        let input = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(await run("exec cat", sandbox, input: input) == .exited(0, input))
    }

    @Test("a child that reads nothing does no harm", arguments: SubprocessTextTests.sandboxes)
    func readsNothing(_ sandbox: Sandbox) async {
        let input = [UInt8](repeating: 1, count: 1_000_000)
        #expect(await run("echo done", sandbox, input: input) == .exited(0, Array("done\n".utf8)))
    }

    @Test("a child past its time is killed with all it started", arguments: SubprocessTextTests.sandboxes)
    func timeout(_ sandbox: Sandbox) async {
        #expect(await run("sleep 600 & sleep 600", sandbox) { $0.timeout = .milliseconds(300) } == .timedOut)
        // One that has closed its output and lives on.
        #expect(await run("exec >&-; sleep 600", sandbox) { $0.timeout = .milliseconds(300) } == .timedOut)
    }

    @Test("giving up on a child kills it")
    func cancellation() async {
        let outcome = await withTaskGroup(of: Subprocess.Outcome.self) { group in
            group.addTask { await self.run("sleep 600", .limitsOnly) { $0.timeout = .seconds(120) } }
            group.cancelAll()
            return await group.next()
        }
        #expect(outcome == .cancelled)
    }

    @Test("endless output is cut", arguments: SubprocessTextTests.sandboxes)
    func endlessOutput(_ sandbox: Sandbox) async {
        let outcome = await run("yes", sandbox) { $0.maximumTextBytes = 10_000 }
        guard case .outputLimit(let output) = outcome else {
            Testing.Issue.record("\(outcome)")
            return
        }
        #expect(output.count == 10_000)
    }

    @Test("memory, processor time and file size are limited", arguments: SubprocessTextTests.sandboxes)
    func limits(_ sandbox: Sandbox) async {
        #expect(words(await run("ulimit -v; ulimit -t", sandbox) { $0.memoryBytes = 512 << 20 }) == "524288\n10")
        let spinning = await run("while :; do :; done", sandbox) { $0.processorSeconds = 1 }
        #expect(
            spinning == .signalled(24) || spinning == .signalled(9) || spinning == .exited(152, [])
                || spinning == .exited(137, []))
        let writing = await run("head -c 3000000 /dev/zero > $0.tmp; echo $?; rm -f $0.tmp", sandbox) {
            $0.fileBytes = 1 << 20
        }
        #expect(writing != .exited(0, Array("0\n".utf8)))
    }

    @Test("a child has no environment and no file of ours", arguments: SubprocessTextTests.sandboxes)
    func inheritsNothing(_ sandbox: Sandbox) async {
        setenv("DRAWBRIDGE_TEST_SECRET", "hidden", 1)
        #expect(words(await run("echo ${DRAWBRIDGE_TEST_SECRET:-none}", sandbox)) == "none")
        let open = open("/dev/null", O_RDONLY)
        defer { close(open) }
        #expect(words(await run("ls /proc/self/fd | sort -n | tail -1", sandbox)) == "3")
    }

    @Test(
        "inside bubblewrap there is no network, no file of this machine but the system's, and nothing to write",
        .enabled(if: Sandbox.detect() == .bubblewrap, "user namespaces are not allowed here"))
    func isolation() async throws {
        let secret = FileManager.default.temporaryDirectory.appending(path: "drawbridge-\(UUID().uuidString)")
        try "secret".write(to: secret, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: secret) }
        let box = Sandbox.bubblewrap
        #expect(words(await run("cat '\(secret.path)' || echo unseen", box)) == "unseen")
        #expect(words(await run("ls /home /root /var /srv 2>/dev/null; echo end", box)) == "end")
        #expect(words(await run("cat /etc/passwd /etc/shadow || echo unseen", box)) == "unseen")
        #expect(words(await run("tail -n +3 /proc/net/dev | grep -v lo: | wc -l", box)) == "0")
        #expect(words(await run("touch /usr/x /x 2>/dev/null && echo written || echo refused", box)) == "refused")
        #expect(words(await run("ls /proc | grep -c '^[0-9]'", box)).count < 2)
        #expect(words(await run("kill -0 \(getpid()) && echo seen || echo unseen", box)) == "unseen")
    }
}
