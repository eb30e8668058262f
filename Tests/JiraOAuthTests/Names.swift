import Foundation
import SimulatedData
import SimulatedSite
import Synchronization

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "drawbridge-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Time that passes when a test says so, for the site and for us.
final class TestClock: Sendable {
    private let value: Mutex<Milliseconds>

    init(_ start: Milliseconds) { value = Mutex(start) }

    var now: Milliseconds { value.withLock { $0 } }
    func advance(days: Int64 = 0, minutes: Int64 = 0, seconds: Int64 = 0) {
        value.withLock { $0 += days * 86_400_000 + minutes * 60_000 + seconds * 1_000 }
    }
}
