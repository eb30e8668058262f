import Foundation

enum TestFiles {
    /// Everything in a file; nothing where there is none.
    static func bytes(_ path: String) throws -> [UInt8] {
        FileManager.default.contents(atPath: path).map(Array.init) ?? []
    }
}
