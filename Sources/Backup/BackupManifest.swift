public import FastJSON

/// What a backup says of itself: what it holds, who made it and when, and how to tell that it is whole.
public struct BackupManifest: Hashable, Sendable {
    /// The version of Drawbridge that made it.
    public var program: String
    /// Milliseconds since 1970.
    public var made: Int64
    /// The highest step of each component's tables.
    public var schema: [String: Int]
    /// How many records of the most telling tables it holds.
    public var counts: [String: Int]
    public var files: [File]
    /// Tells keys apart without telling anything of them; `nil` where the folder had none yet.
    public var keyFingerprint: String?

    /// One database of it.
    public struct File: Hashable, Sendable {
        public var name: String
        public var bytes: Int64
        /// In hexadecimal.
        public var sha256: String

        public init(name: String, bytes: Int64, sha256: String) {
            self.name = name
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    static let name = "manifest.json"
    static let format = "drawbridge-backup"
    static let version = 1
    /// The main database within the backup.
    static let database = "drawbridge.sqlite"
    /// What came by webhook and is not in the main database yet.
    static let inbox = "inbox.sqlite"
    static let byteLimit: Int64 = 1 << 20

    /// Bytes of all databases.
    public var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("format", Self.format)
            json.member("version", Self.version)
            json.member("program", program)
            json.member("made", Int(made))
            json.key("schema")
            Self.write(schema, to: &json)
            json.key("counts")
            Self.write(counts, to: &json)
            json.member("key", keyFingerprint)
            json.key("files")
            json.array { json in
                for file in files {
                    json.object {
                        $0.member("name", file.name)
                        $0.member("bytes", Int(file.bytes))
                        $0.member("sha256", file.sha256)
                    }
                }
            }
        }
    }

    private static func write(_ numbers: [String: Int], to json: inout JSONWriter) {
        json.object { json in
            for (name, number) in numbers.sorted(by: { $0.key < $1.key }) { json.member(name, number) }
        }
    }

    /// Reads what ``write(to:)`` wrote.
    ///
    /// - Throws: ``BackupError``: `newer` where a newer program wrote it, `damaged` where something is missing.
    public init(parsing bytes: [UInt8]) throws(BackupError) {
        let damaged = BackupError(.damaged, "The backup's manifest is damaged. Take another backup")
        guard let json = try? JSONValue(parsing: bytes), json["format"]?.string == Self.format,
            let version = json["version"]?.integer
        else { throw damaged }
        guard version <= Self.version else {
            let program = json["program"]?.string.map { ", \($0.prefix(40))" } ?? ""
            throw BackupError(
                .newer, "The backup was written by a newer program\(program). Restore it with that one or a newer one")
        }
        guard let program = json["program"]?.string, let made = json["made"]?.integer,
            let schema = Self.numbers(json["schema"]), let counts = Self.numbers(json["counts"]),
            let files = json["files"]?.array, files.count <= 16
        else { throw damaged }
        self.init(
            program: program, made: Int64(made), schema: schema, counts: counts, files: [],
            keyFingerprint: json["key"]?.string)
        for file in files {
            guard let name = file["name"]?.string, let bytes = file["bytes"]?.integer, bytes >= 0,
                let sha256 = file["sha256"]?.string
            else { throw damaged }
            self.files.append(File(name: name, bytes: Int64(bytes), sha256: sha256))
        }
    }

    init(
        program: String, made: Int64, schema: [String: Int], counts: [String: Int], files: [File],
        keyFingerprint: String?
    ) {
        self.program = program
        self.made = made
        self.schema = schema
        self.counts = counts
        self.files = files
        self.keyFingerprint = keyFingerprint
    }

    private static func numbers(_ json: JSONValue?) -> [String: Int]? {
        guard case .object(let members)? = json else { return nil }
        var numbers: [String: Int] = [:]
        for member in members {
            guard let number = member.value.integer else { return nil }
            numbers[member.key] = number
        }
        return numbers
    }
}
