import Database
import IssueModel
import Store
import Testing

@Suite struct RawRecordsTests {
    static func parts(_ number: Int) -> RawParts {
        let comments = (0..<3).map {
            #"{"id":"\#(number)\#($0)","body":{"type":"doc","version":1,"text":"words \#(number &* 7919 % 1013)"}}"#
        }
        let issue = """
            {"id":"\(number)","key":"PAY-\(number)","fields":{"summary":"Order \(number) fails","status":{"self":"https://a.example/rest/api/3/status/3",\
            "name":"Open","statusCategory":{"key":"new","colorName":"blue-gray"}},"reporter":{"accountId":"a\(number % 17)","displayName":"Person \(number % 17)"},\
            "created":"2026-01-02T10:11:12.\(100 + number % 900)+0000"}}
            """
        return RawParts([
            .init(name: "issue", bytes: Array(issue.utf8)),
            .init(name: "comments", bytes: Array("[\(comments.joined(separator: ","))]".utf8)),
        ])
    }

    @Test("parts survive framing", arguments: [0, 1, 3])
    func framing(_ count: Int) throws {
        let parts = RawParts(
            (0..<count).map { .init(name: "part \($0)", bytes: [UInt8](repeating: 7, count: $0 * 200)) })
        #expect(try RawParts(framed: parts.framed()) == parts)
    }

    @Test("a frame that is cut or lengthened anywhere is refused")
    func damagedFrame() throws {
        let frame = try Self.parts(1).framed()
        for length in 0..<frame.count {
            #expect(throws: StoreError.self) { try RawParts(framed: Array(frame.prefix(length))) }
        }
        #expect(throws: StoreError.self) { try RawParts(framed: frame + [0]) }
        #expect(throws: StoreError.self) { try RawParts(framed: [UInt8](repeating: 255, count: 40)) }
    }

    @Test("every changed byte changes the fingerprint, and so does moving one between parts")
    func fingerprint() {
        let parts = Self.parts(1)
        var seen: Set<Int64> = [parts.fingerprint]
        for position in parts.parts[0].bytes.indices {
            var changed = parts
            changed.parts[0].bytes[position] ^= 1
            seen.insert(changed.fingerprint)
        }
        #expect(seen.count == parts.parts[0].bytes.count + 1)
        var moved = parts
        moved.parts[1].bytes.insert(moved.parts[0].bytes.removeLast(), at: 0)
        #expect(!seen.contains(moved.fingerprint))
    }

    @Test("copies packed before, with and after a dictionary stay readable, and the dictionary pays")
    func dictionaries() async throws {
        let test = try await TestStore()
        let (store, source) = (test.store, test.source)
        let samples = (0..<400).map(Self.parts)
        try await store.write { context in
            let packer = try store.raw.packer(source: source, in: context.connection)
            #expect(!packer.hasDictionary)
            for (number, parts) in samples.prefix(10).enumerated() {
                try Self.insert(try packer.pack(parts), Int64(number), in: context)
            }
        }
        let plain = try await test.number("SELECT sum(length(body)) FROM issue_raw") ?? 0
        for _ in 0..<2 {
            let dictionary = try #require(RawRecords.train(on: samples))
            try await store.write { try store.raw.adopt(dictionary: dictionary, source: source, in: $0) }
        }
        let packer = try await store.read { try store.raw.packer(source: source, in: $0) }
        #expect(packer.hasDictionary)
        let packed = try samples.prefix(10).map { try packer.pack($0) }
        #expect(packed.reduce(0) { $0 + $1.bytes.count } * 2 < plain)
        try await store.write { context in
            for (number, raw) in packed.enumerated() { try Self.insert(raw, Int64(100 + number), in: context) }
        }
        for number in 0..<10 {
            for id in [Int64(number), Int64(100 + number)] {
                #expect(try await store.read { try store.raw.parts(ofIssue: id, in: $0) } == samples[number])
            }
        }
        #expect(try await store.read { try store.raw.parts(ofIssue: 9_999, in: $0) } == nil)
    }

    @Test("copies stored before the dictionary can be packed again with it")
    func repacking() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (store, source) = (test.store, test.source)
        for number in 1...5 { try await test.put(.sample(Int64(number)), raw: "raw of \(number)") }
        let dictionary = try #require(RawRecords.train(on: (0..<400).map(Self.parts)))
        try await store.write { try store.raw.adopt(dictionary: dictionary, source: source, in: $0) }
        let packer = try await store.read { try store.raw.packer(source: source, in: $0) }
        let counts = try await store.write { context in
            try (0..<3).map { _ in try store.raw.repack(source: source, with: packer, limit: 3, in: context) }
        }
        #expect(counts == [3, 2, 0])
        let parts = try await store.read { try store.raw.parts(ofIssue: 1, in: $0) }
        #expect(parts?["issue"] == Array("raw of 1".utf8))
    }

    @Test("too few samples make no dictionary")
    func tooFew() {
        #expect(RawRecords.train(on: (0..<20).map(Self.parts)) == nil)
    }

    @Test("a damaged copy is an error, not an empty answer")
    func damaged() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (store, id) = (test.store, try await test.put(.sample(1)).id)
        for body in ["x'00'", "zeroblob(0)", "substr(body, 1, length(body) - 3)"] {
            try await test.put(.sample(1), force: true)
            try await store.write { try $0.connection.execute("UPDATE issue_raw SET body = \(body)") }
            await #expect(throws: StoreError.self) { try await store.read { try store.raw.parts(ofIssue: id, in: $0) } }
        }
    }

    private static func insert(_ raw: PackedRaw, _ id: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            "INSERT INTO issue_raw (issue_id, dictionary_id, body) VALUES (?, (SELECT max(id) FROM dictionary), ?)", id,
            raw.bytes)
    }
}
