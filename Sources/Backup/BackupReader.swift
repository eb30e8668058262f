public import Cryptography
public import Database
internal import FastJSON

/// Reads a backup: whether it is whole, and back into a data folder.
///
/// Takes what ``BackupWriter`` wrote, and the plain SQLite files that earlier versions wrote, which have no manifest.
public struct BackupReader: Sendable {
    let path: String
    let migrations: [Migration]
    let onOpen: @Sendable (Connection) throws -> Void

    /// - Parameters:
    ///   - migrations: Every step this program knows: a backup with others is a newer program's.
    ///   - onOpen: Prepares a connection, as `Database.Options.onOpen`.
    public init(
        path: String, migrations: [Migration], onOpen: @escaping @Sendable (Connection) throws -> Void = { _ in }
    ) {
        self.path = path
        self.migrations = migrations
        self.onOpen = onOpen
    }

    /// What a backup was found to be.
    public struct Finding: Hashable, Sendable {
        /// `nil` for a plain database.
        public var manifest: BackupManifest?
        public var counts: [String: Int]
        /// Whether the key given is the one that its credentials are sealed with; `nil` where that cannot be told.
        public var isKeyRight: Bool?
    }

    /// How much of a backup is looked at.
    public enum Depth: Hashable, Sendable {
        /// That every byte is what the manifest says.
        case bytes
        /// Besides, that the databases in it are sound. Needs room for them beside the file or in `temporary`.
        case everything(temporary: String)
    }

    /// Looks whether the backup is whole.
    ///
    /// - Throws: ``BackupError`` that says what is wrong with it.
    public func verify(_ depth: Depth, key: SecretKey? = nil) async throws -> Finding {
        switch depth {
        case .bytes:
            guard let manifest = try await unpack(into: nil) else {
                return Finding(manifest: nil, counts: [:], isKeyRight: nil)
            }
            return Finding(manifest: manifest, counts: manifest.counts, isKeyRight: isRight(key, manifest))
        case .everything(let temporary):
            let work = temporary + "/drawbridge-verify-" + Digest.hexadecimal(try Random.bytes(8))
            try Disk.makeWorkFolder(work)
            defer { Disk.removeWorkFolder(work) }
            return try await check(in: work, key)
        }
    }

    /// Puts the backup's databases in place in a data folder that holds none yet.
    ///
    /// They are unpacked and checked beside their places first: a restore that fails or is cut short leaves the folder empty.
    ///
    /// - Parameters:
    ///   - folder: The data folder, which the caller holds for writing.
    ///   - preparing: Changes what must not go on as if nothing had happened since the backup.
    public func restore(
        into folder: String, key: SecretKey?,
        preparing: @escaping @Sendable (Connection) throws -> Void = { _ in }
    ) async throws -> Finding {
        let names = [BackupManifest.inbox, BackupManifest.database]
        // Opening the folder makes an empty file, which holds nothing yet.
        // The database comes last: an inbox without one is what a restore that was broken off left.
        guard Disk.size(of: folder + "/" + BackupManifest.database) == 0 else {
            throw BackupError(.notEmpty, "'\(folder)' holds data already; name an empty folder with --data")
        }
        let work = folder + "/restoring"
        try Disk.makeWorkFolder(work)
        defer { Disk.removeWorkFolder(work) }
        let finding = try await check(in: work, key)
        let copy = try Database(
            path: work + "/" + BackupManifest.database, options: .init(execution: .threads(readers: 1), onOpen: onOpen))
        try await copy.write(preparing)
        await copy.close()
        for name in names where Disk.exists(work + "/" + name) {
            for suffix in ["-wal", "-shm"] { Disk.remove(folder + "/" + name + suffix) }
            try Disk.rename(work + "/" + name, folder + "/" + name)
        }
        Disk.synchronise(folderOf: folder + "/" + BackupManifest.database)
        return finding
    }

    // MARK: Inside

    private func isRight(_ key: SecretKey?, _ manifest: BackupManifest) -> Bool? {
        guard let key, let fingerprint = manifest.keyFingerprint else { return nil }
        return BackupWriter.fingerprint(of: key) == fingerprint
    }

    /// Unpacks into `work` and checks what is there.
    private func check(in work: String, _ key: SecretKey?) async throws -> Finding {
        let needed = Disk.size(of: path) + (16 << 20)
        if let free = Disk.freeBytes(at: work), free < needed {
            throw BackupError(
                .noSpace, "The backup needs \(needed >> 20) MiB, and the disk has \(free >> 20) MiB. Free some space")
        }
        let manifest = try await unpack(into: work)
        let copy = work + "/" + BackupManifest.database
        let counts: [String: Int]
        do {
            counts = try await soundness(of: copy)
            if Disk.exists(work + "/" + BackupManifest.inbox) {
                _ = try await integrity(of: work + "/" + BackupManifest.inbox) { _ in }
            }
        } catch let error as DatabaseError where error.code == .notADatabase {
            throw BackupError(.notABackup, "'\(path)' is not a database and not a backup of Drawbridge's")
        }
        if let manifest, manifest.counts != counts {
            throw damaged("it does not hold as many records as it says")
        }
        return Finding(manifest: manifest, counts: counts, isKeyRight: manifest.flatMap { isRight(key, $0) })
    }

    private func soundness(of copy: String) async throws -> [String: Int] {
        let migrations = migrations
        let (counts, unknown) = try await integrity(of: copy) { connection in
            let known = Set(migrations.map { "\($0.component) \($0.number)" })
            let steps = try DatabaseFacts.steps(in: connection).map { "\($0.component) \($0.number)" }
            return (try DatabaseFacts.counts(in: connection), steps.first { !known.contains($0) })
        }
        if let unknown {
            throw BackupError(
                .newer,
                "The backup was written by a newer program: it has \(unknown). Restore it with that one or a newer one")
        }
        return counts
    }

    private func integrity<T: Sendable>(
        of copy: String, _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        let database = try Database(
            path: copy, options: .init(execution: .threads(readers: 1), isReadOnly: true, onOpen: onOpen))
        do {
            let problems = try await database.integrityProblems()
            guard problems.isEmpty else { throw damaged(String(problems[0].prefix(200))) }
            let result = try await database.read(body)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }

    private func damaged(_ why: String) -> BackupError {
        BackupError(.damaged, "'\(path)' is damaged: \(why). Take another backup")
    }

    /// Reads the whole file, comparing with its manifest; writes what it holds into `folder`, if any.
    private func unpack(into folder: String?) async throws -> BackupManifest? {
        let file = try OpenFile(reading: path)
        let first = try file.read(Archive.blockSize)
        if first.starts(with: Array("SQLite format 3\u{0}".utf8)) {
            let target = try folder.map { try OpenFile(creating: $0 + "/" + BackupManifest.database) }
            try target?.write(first)
            _ = try await copy(Int64.max, from: file, to: target)
            return nil
        }
        guard let entry = try? Archive.entry(first), entry.name == BackupManifest.name,
            (1...BackupManifest.byteLimit).contains(entry.size)
        else { throw BackupError(.notABackup, "'\(path)' is not a database and not a backup of Drawbridge's") }
        let text = try file.read(Int(entry.size))
        _ = try file.read(Archive.padding(entry.size))
        let manifest = try BackupManifest(parsing: text)
        let names = manifest.files.map(\.name)
        guard Set(names).count == names.count, names.contains(BackupManifest.database),
            Set(names).isSubset(of: [BackupManifest.database, BackupManifest.inbox])
        else { throw damaged("its manifest names other files than a backup has") }
        for expected in manifest.files {
            guard let entry = try Archive.entry(try file.read(Archive.blockSize)), entry.name == expected.name,
                entry.size == expected.bytes
            else { throw damaged("it does not hold \(expected.name) as its manifest says") }
            let target = try folder.map { try OpenFile(creating: $0 + "/" + expected.name) }
            let (size, digest) = try await copy(expected.bytes, from: file, to: target)
            guard size == expected.bytes else { throw damaged("it ends too early") }
            guard Digest.hexadecimal(digest) == expected.sha256 else {
                throw damaged("\(expected.name) is not what was written")
            }
            _ = try file.read(Archive.padding(expected.bytes))
            try target?.synchronise()
        }
        return manifest
    }

    /// Copies up to `count` bytes, to nowhere without a target.
    private func copy(
        _ count: Int64, from source: OpenFile, to target: OpenFile?
    ) async throws -> (size: Int64, digest: [UInt8]) {
        var digest = DigestStream()
        var size: Int64 = 0
        while size < count {
            try Task.checkCancellation()
            let piece = try source.read(Int(min(Int64(Archive.pieceSize), count - size)))
            if piece.isEmpty { break }
            digest.update(piece)
            try target?.write(piece)
            size += Int64(piece.count)
            await Task.yield()
        }
        return (size, digest.digest)
    }
}
