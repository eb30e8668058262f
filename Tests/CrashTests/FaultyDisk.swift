import CFaultyDisk
import CSQLite
import Testing

/// The disk below SQLite in this process, whose calls can be made to fail.
///
/// One test at a time may use it: what is armed is the process's.
enum FaultyDisk {
    /// A way in which a disk fails.
    struct Failure: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Kinds of calls, as in `faulty_disk.h`.
        var calls: Int32
        /// SQLite's result code.
        var result: Int32
        /// Whether it fails from then on, and not just once.
        var isLasting = false
        /// Whether half of what was to be written is written.
        var isTorn = false
    }

    static let failures = [
        Failure(testDescription: "a write fails once", calls: FAULTY_DISK_WRITE, result: ioError(3)),
        Failure(
            testDescription: "a write is cut short, and so are all that follow", calls: FAULTY_DISK_WRITE,
            result: ioError(3), isLasting: true, isTorn: true),
        Failure(testDescription: "a sync fails once", calls: FAULTY_DISK_SYNC, result: ioError(4)),
        Failure(
            testDescription: "no sync or truncation works any more", calls: FAULTY_DISK_SYNC + FAULTY_DISK_TRUNCATE,
            result: ioError(4), isLasting: true),
        Failure(
            testDescription: "the disk is full from then on", calls: FAULTY_DISK_WRITE, result: SQLITE_FULL,
            isLasting: true),
        Failure(
            testDescription: "the disk was full for a moment", calls: FAULTY_DISK_WRITE, result: SQLITE_FULL,
            isTorn: true),
        Failure(testDescription: "a read fails once", calls: FAULTY_DISK_READ, result: ioError(1)),
        Failure(
            testDescription: "nothing can be read any more", calls: FAULTY_DISK_READ, result: ioError(1),
            isLasting: true),
        Failure(
            testDescription: "a file cannot be opened or removed", calls: FAULTY_DISK_OPEN + FAULTY_DISK_DELETE,
            result: SQLITE_CANTOPEN),
    ]

    /// SQLite's extended codes of input and output.
    private static func ioError(_ kind: Int32) -> Int32 { SQLITE_IOERR | kind << 8 }

    /// Runs `body` while the call of that number, below a folder, fails.
    static func armed<Value>(
        _ failure: Failure, at first: Int, below folder: String, _ body: () async throws -> Value
    ) async -> Result<Value, any Error> {
        let installed = faulty_disk_install()
        precondition(installed == SQLITE_OK, "SQLite refuses another file layer: \(installed)")
        faulty_disk_arm(
            folder, failure.calls, first, failure.result, failure.isLasting ? 1 : 0, failure.isTorn ? 1 : 0)
        defer { faulty_disk_disarm() }
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    /// How many of those calls there are when none of them fails.
    static func count<Value>(
        _ failure: Failure, below folder: String, _ body: () async throws -> Value
    ) async throws -> Int {
        let outcome = await armed(failure, at: .max, below: folder, body)
        _ = try outcome.get()
        return faulty_disk_disarm()
    }
}
