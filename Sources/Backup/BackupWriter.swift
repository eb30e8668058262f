public import Cryptography
internal import Database
internal import FastJSON

/// Makes one file of all databases of a data folder, while they are in use.
///
/// Each database is copied as it is at one moment. The inbox of webhooks is copied first: what it hands over to the main
/// database meanwhile is in both copies and is read once more after a restore, and nothing is in neither.
/// Credentials stay sealed, and the key is not part of it.
public struct BackupWriter: Sendable {
    let dataFolder: String
    let program: String

    /// - Parameter program: The version of Drawbridge that runs.
    public init(dataFolder: String, program: String) {
        self.dataFolder = dataFolder
        self.program = program
    }

    /// Writes the backup to `file`, which only its owner may read and which must not exist yet.
    ///
    /// Needs room for the databases twice while it works; what it writes has its name only when it is whole.
    ///
    /// - Parameters:
    ///   - key: The key that seals credentials, of which the manifest keeps a fingerprint.
    ///   - now: Milliseconds since 1970.
    /// - Throws: ``BackupError``; `DatabaseError` where a database cannot be read.
    public func write(to file: String, key: SecretKey?, at now: Int64) async throws -> BackupManifest {
        guard !Disk.exists(file) else {
            throw BackupError(.exists, "'\(file)' exists; a backup never overwrites a file")
        }
        try requireSpace(for: file)
        let work = file + Self.workSuffix
        try Disk.makeWorkFolder(work)
        defer { Disk.removeWorkFolder(work) }
        var manifest = BackupManifest(
            program: program, made: now, schema: [:], counts: [:], files: [],
            keyFingerprint: key.map(Self.fingerprint(of:)))
        for name in [BackupManifest.inbox, BackupManifest.database] where Disk.exists(dataFolder + "/" + name) {
            let copy = work + "/" + name
            try await DatabaseFacts.with(dataFolder + "/" + name) { try await $0.backup(to: copy) }
            manifest.files.append(try await Self.measure(copy, name: name))
        }
        let copy = work + "/" + BackupManifest.database
        guard Disk.exists(copy) else {
            throw BackupError(.file, "'\(dataFolder)' holds no Drawbridge data, so there is nothing to copy")
        }
        (manifest.schema, manifest.counts) = try await DatabaseFacts.with(copy) { database in
            try await database.read { (try DatabaseFacts.schema(in: $0), try DatabaseFacts.counts(in: $0)) }
        }
        let draft = work + "/draft"
        try await Self.pack(manifest, from: work, to: draft)
        try Disk.place(draft, as: file)
        return manifest
    }

    /// Tells keys apart: a keyed digest of words that are always the same, shortened.
    static func fingerprint(of key: SecretKey) -> String {
        let digest = key.withBytes { Digest.hmacSHA256(Array("drawbridge backup".utf8), key: $0) }
        return Digest.hexadecimal(Array(digest.prefix(8)))
    }

    static let workSuffix = ".part"

    private func requireSpace(for file: String) throws(BackupError) {
        let size = [BackupManifest.database, BackupManifest.inbox].reduce(Int64(0)) {
            $0 + Disk.size(of: dataFolder + "/" + $1) + Disk.size(of: dataFolder + "/" + $1 + "-wal")
        }
        let needed = 2 * size + (16 << 20)
        guard let free = Disk.freeBytes(at: Disk.parent(of: file)), free < needed else { return }
        throw BackupError(
            .noSpace,
            "The backup needs \(needed >> 20) MiB while it is made, and the disk of '\(file)' has \(free >> 20) MiB. Free some space, or name another place"
        )
    }

    private static func measure(_ path: String, name: String) async throws -> BackupManifest.File {
        let file = try OpenFile(reading: path)
        var digest = DigestStream()
        var size: Int64 = 0
        while true {
            try Task.checkCancellation()
            let piece = try file.read(Archive.pieceSize)
            if piece.isEmpty { break }
            digest.update(piece)
            size += Int64(piece.count)
            await Task.yield()
        }
        return BackupManifest.File(name: name, bytes: size, sha256: Digest.hexadecimal(digest.digest))
    }

    private static func pack(_ manifest: BackupManifest, from folder: String, to path: String) async throws {
        let archive = try OpenFile(creating: path)
        let seconds = manifest.made / 1_000
        var json = JSONWriter()
        manifest.write(to: &json)
        let first = Archive.Entry(name: BackupManifest.name, size: Int64(json.bytes.count))
        try archive.write(Archive.header(first, time: seconds) + json.bytes + zeros(Archive.padding(first.size)))
        for file in manifest.files {
            try archive.write(Archive.header(.init(name: file.name, size: file.bytes), time: seconds))
            let source = try OpenFile(reading: folder + "/" + file.name)
            while true {
                try Task.checkCancellation()
                let piece = try source.read(Archive.pieceSize)
                if piece.isEmpty { break }
                try archive.write(piece)
                await Task.yield()
            }
            try archive.write(zeros(Archive.padding(file.bytes)))
        }
        try archive.write(zeros(2 * Archive.blockSize))
        try archive.synchronise()
    }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
