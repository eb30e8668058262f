public import Database

/// The change of a data folder's tables that a newer program brings: what it would do, rehearsed on a copy, and the copy that
/// is kept before it is done.
public struct Upgrade: Sendable {
    let dataFolder: String
    let program: String
    let migrations: [Migration]
    let onOpen: @Sendable (Connection) throws -> Void

    /// - Parameters:
    ///   - program: The version of Drawbridge that runs.
    ///   - migrations: Every step it knows, in the order of their application.
    ///   - onOpen: Prepares a connection, as `Database.Options.onOpen`.
    public init(
        dataFolder: String, program: String, migrations: [Migration],
        onOpen: @escaping @Sendable (Connection) throws -> Void = { _ in }
    ) {
        self.dataFolder = dataFolder
        self.program = program
        self.migrations = migrations
        self.onOpen = onOpen
    }

    /// What is to be done.
    public struct Plan: Sendable {
        /// The steps that are not applied yet.
        public var steps: [Migration]
        /// Whether there is nothing to lose: the database is new.
        public var isNew: Bool
        /// The version that last wrote, where it said so.
        public var writtenBy: String?
        /// Bytes of the database.
        public var size: Int64

        /// Whether opening the folder for writing changes tables that hold something.
        public var isNeeded: Bool { !isNew && !steps.isEmpty }
    }

    /// How a rehearsal went.
    public struct Rehearsal: Sendable {
        public var steps: [Step]
        /// Bytes before and after.
        public var size: (before: Int64, after: Int64)
        public var copying: Duration
        public var checking: Duration

        public struct Step: Sendable {
            public var name: String
            public var took: Duration
        }
    }

    /// What opening the folder for writing would do. Changes nothing.
    ///
    /// - Throws: ``BackupError`` with code `newer` where a newer program wrote the folder.
    public func plan() async throws -> Plan {
        let path = dataFolder + "/" + BackupManifest.database
        guard Disk.size(of: path) > 0 else { return Plan(steps: migrations, isNew: true, writtenBy: nil, size: 0) }
        let (applied, writtenBy) = try await DatabaseFacts.with(path) { database in
            try await database.read { connection in
                (
                    try DatabaseFacts.steps(in: connection).map { "\($0.component) \($0.number)" },
                    try DatabaseFacts.program(in: connection)
                )
            }
        }
        let known = Set(migrations.map(\.identity))
        if let unknown = applied.first(where: { !known.contains($0) }) { throw newer(unknown, writtenBy) }
        let done = Set(applied)
        return Plan(
            steps: migrations.filter { !done.contains($0.identity) }, isNew: applied.isEmpty, writtenBy: writtenBy,
            size: Disk.size(of: path) + Disk.size(of: path + "-wal"))
    }

    /// Does everything on a copy, which is removed afterwards. The data folder stays as it is, and may be in use.
    ///
    /// - Parameter folder: Where the copy is made; it needs room for the database and what the steps add.
    public func rehearse(in folder: String) async throws -> Rehearsal {
        let plan = try await plan()
        let work = folder + "/rehearsal"
        try Disk.makeWorkFolder(work)
        defer { Disk.removeWorkFolder(work) }
        try requireSpace(2 * plan.size, at: work, for: "The rehearsal")
        let copy = work + "/" + BackupManifest.database
        let clock = ContinuousClock()
        let copying = try await clock.measure {
            try await DatabaseFacts.with(dataFolder + "/" + BackupManifest.database) { try await $0.backup(to: copy) }
        }
        let before = Disk.size(of: copy)
        let database = try Database(
            path: copy, options: .init(execution: .threads(readers: 1), onOpen: onOpen))
        do {
            var steps: [Rehearsal.Step] = []
            let waiting = Set(plan.steps.map(\.identity))
            var done = migrations.filter { !waiting.contains($0.identity) }
            for step in plan.steps {
                done.append(step)
                let took = try await clock.measure { try await database.migrate(done) }
                steps.append(.init(name: "\(step.identity): \(step.name)", took: took))
            }
            let checking = try await clock.measure {
                let problems = try await database.integrityProblems()
                guard problems.isEmpty else {
                    throw BackupError(.damaged, "After the steps the copy is damaged: \(problems[0].prefix(200))")
                }
            }
            try await database.checkpoint()
            await database.close()
            return Rehearsal(
                steps: steps, size: (before, Disk.size(of: copy)), copying: copying, checking: checking)
        } catch {
            await database.close()
            throw error
        }
    }

    /// Keeps a backup of the folder as it was, before a newer program changes its tables. Where an upgrade broke off half-way
    /// its copy stays: what the folder holds now is neither the old nor the new.
    ///
    /// - Parameter now: Milliseconds since 1970.
    public func keepCopy(at now: Int64) async throws {
        for name in Disk.names(in: dataFolder) where name.hasPrefix(Self.copyPrefix) {
            // What a kill left of an earlier try.
            if name.hasSuffix(BackupWriter.workSuffix) { Disk.removeWorkFolder(dataFolder + "/" + name) }
        }
        let file = dataFolder + "/" + Self.unfinished
        if Disk.exists(file) { return }
        do {
            _ = try await BackupWriter(dataFolder: dataFolder, program: program).write(to: file, key: nil, at: now)
        } catch let error as BackupError where error.code == .noSpace {
            throw BackupError(
                .noSpace,
                error.message
                    + ". It is made because the tables are about to change; DRAWBRIDGE_UPGRADE_COPY=no goes on without it"
            )
        }
    }

    /// Names the copy of an upgrade that is done by its time; earlier ones go. Call it whenever the tables are up to date.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Returns: The file; `nil` where no copy was made.
    @discardableResult
    public func settleCopy(at now: Int64) throws -> String? {
        let (draft, name) = (
            dataFolder + "/" + Self.unfinished, Self.copyPrefix + BackupName.stamp(now) + BackupName.suffix
        )
        guard Disk.exists(draft) else { return nil }
        try Disk.rename(draft, dataFolder + "/" + name)
        Disk.synchronise(folderOf: draft)
        for other in Disk.names(in: dataFolder)
        where other != name && other.hasPrefix(Self.copyPrefix) && other.hasSuffix(BackupName.suffix) {
            Disk.remove(dataFolder + "/" + other)
        }
        return dataFolder + "/" + name
    }

    static let copyPrefix = "before-upgrade-"
    private static let unfinished = copyPrefix + "unfinished" + BackupName.suffix

    /// The name of the setting under which the version that writes leaves word; see `Settings.set`.
    public static let programSetting = DatabaseFacts.programSetting

    private func requireSpace(_ needed: Int64, at path: String, for what: String) throws(BackupError) {
        let needed = needed + (16 << 20)
        guard let free = Disk.freeBytes(at: path), free < needed else { return }
        throw BackupError(
            .noSpace,
            "\(what) needs \(needed >> 20) MiB, and the disk has \(free >> 20) MiB. Free some space, or name another folder"
        )
    }

    private func newer(_ step: String, _ writtenBy: String?) -> BackupError {
        let copies = Disk.names(in: dataFolder).filter { $0.hasPrefix(Self.copyPrefix) }
        let back = copies.last.map {
            "'drawbridge restore \(dataFolder)/\($0) --data NEW' with this version goes back to before the upgrade"
        }
        let by = writtenBy.map { ", drawbridge \($0.prefix(40))" } ?? ""
        return BackupError(
            .newer,
            "The data folder was written by a newer program\(by): this one, \(program), does not know \(step). Use that version or a newer one; the folder is left as it is. "
                + (back ?? "To go back, restore a backup made before the upgrade into an empty folder"))
    }
}

extension Migration {
    var identity: String { "\(component) \(number)" }
}
