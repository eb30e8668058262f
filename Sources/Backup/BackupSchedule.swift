internal import Cryptography
internal import Database
internal import FastJSON
public import Observability
public import Store

/// Backups that the server makes by itself, of which a number is kept.
public struct BackupSchedule: Sendable {
    private let store: Store
    private let writer: BackupWriter
    private let wish: @Sendable () async throws -> Wish?
    private let clock: @Sendable () -> Int64
    private let log: Log
    private let metrics: Metrics

    /// What is wished for.
    public struct Wish: Hashable, Sendable {
        /// Where backups are written.
        public var folder: String
        /// Hours between them.
        public var every: Int
        /// How many are kept.
        public var keep: Int

        public init(folder: String, every: Int, keep: Int) {
            self.folder = folder
            self.every = every
            self.keep = keep
        }
    }

    /// A backup that was made.
    public struct Made: Hashable, Sendable {
        public var file: String
        /// Milliseconds since 1970.
        public var at: Int64
        /// Bytes of the databases in it.
        public var bytes: Int64

        public init(file: String, at: Int64, bytes: Int64) {
            self.file = file
            self.at = at
            self.bytes = bytes
        }
    }

    /// - Parameters:
    ///   - wish: Asked each minute; `nil` while no backups are wanted.
    ///   - clock: Milliseconds since 1970.
    public init(
        store: Store, writer: BackupWriter, log: Log, metrics: Metrics,
        clock: @escaping @Sendable () -> Int64 = Log.systemClock, wish: @escaping @Sendable () async throws -> Wish?
    ) {
        self.store = store
        self.writer = writer
        self.wish = wish
        self.clock = clock
        self.log = log
        self.metrics = metrics
    }

    /// Makes backups as they fall due, until the surrounding task is cancelled. One that fails is told, and tried again.
    ///
    /// - Parameter pause: Waits for the next look; throws to end.
    public func run(pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }) async throws {
        while !Task.isCancelled {
            var wait = Duration.seconds(60)
            do {
                try await makeIfDue()
            } catch is CancellationError {
                return
            } catch {
                metrics.add(1, to: Self.failures)
                log.error(
                    "backup.failed", "A backup could not be made.",
                    ["reason": .string((error as? BackupError)?.code.rawValue ?? "failed")])
                wait = .seconds(900)
            }
            do { try await pause(wait) } catch { return }
        }
    }

    /// Makes a backup if one is due, and removes those that are too many.
    ///
    /// The last one's time is in its name, so that a restart, or a folder that was emptied, needs no further memory. One from
    /// the future, as a clock that was put right leaves it, does not keep the next from being made.
    @discardableResult
    public func makeIfDue() async throws -> Made? {
        guard let wish = try await wish() else { return nil }
        let now = clock()
        let last = Self.times(in: wish.folder).last
        if let last, last <= now + 3_600_000, now - last < Int64(wish.every) * 3_600_000 { return nil }
        try Self.removeRemains(in: wish.folder)
        let file = wish.folder + "/" + BackupName.name(at: now)
        let manifest = try await writer.write(to: file, key: try? store.secretKey(), at: now)
        // What cannot be read back is no backup.
        _ = try await BackupReader(path: file, migrations: []).verify(.bytes)
        let made = Made(file: file, at: now, bytes: manifest.bytes)
        try await Self.note(made, in: store)
        Self.removeOld(in: wish.folder, keep: wish.keep, except: file)
        metrics.set(Self.moment, to: Double(now) / 1_000)
        metrics.set(Self.size, to: Double(made.bytes))
        log.info("backup.made", "A backup was made.", ["bytes": .int(Int(made.bytes))])
        return made
    }

    // MARK: What was made last

    /// Leaves word of a backup.
    public static func note(_ made: Made, in store: Store) async throws {
        var json = JSONWriter()
        json.object {
            $0.member("file", made.file)
            $0.member("at", Int(made.at))
            $0.member("bytes", Int(made.bytes))
        }
        let text = json.text
        try await store.write { try Settings.set("backup.last", text, in: $0) }
    }

    /// The last backup that somebody left word of.
    public static func last(in store: Store) async throws -> Made? {
        guard let text = try await store.read({ try Settings.value("backup.last", in: $0) }),
            let json = try? JSONValue(parsing: text), let file = json["file"]?.string, let at = json["at"]?.integer
        else { return nil }
        return Made(file: file, at: Int64(at), bytes: Int64(json["bytes"]?.integer ?? 0))
    }

    // MARK: Inside

    private static let failures = Metric.counter("drawbridge_backup_failures_total", "Backups that could not be made.")
    private static let moment = Metric.gauge(
        "drawbridge_backup_timestamp_seconds", "When the last backup was made, as seconds since 1970.")
    private static let size = Metric.gauge("drawbridge_backup_bytes", "Bytes of the databases in the last backup.")

    private static func times(in folder: String) -> [Int64] {
        Disk.names(in: folder).compactMap(BackupName.time(of:)).sorted()
    }

    /// What a backup left that was cut short.
    private static func removeRemains(in folder: String) throws(BackupError) {
        guard Disk.exists(folder) else {
            throw BackupError(
                .file, "The folder for backups, '\(folder)', is not there. Make it, or unset backup.folder")
        }
        for name in Disk.names(in: folder) where name.hasSuffix(BackupWriter.workSuffix) {
            guard BackupName.time(of: String(name.dropLast(BackupWriter.workSuffix.count))) != nil else { continue }
            Disk.removeWorkFolder(folder + "/" + name)
        }
    }

    private static func removeOld(in folder: String, keep: Int, except file: String) {
        let all = Disk.names(in: folder).filter { BackupName.time(of: $0) != nil }
        // By name, which is by time.
        for name in all.dropLast(max(1, keep)) where folder + "/" + name != file { Disk.remove(folder + "/" + name) }
    }
}
