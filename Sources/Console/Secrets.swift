import Foundation

/// Secrets come from a file, from standard input (`-`) or from the environment; never from an argument, which every
/// user of the machine can see.
public enum Secrets {
    /// The secret that `option` names, without the line's end.
    ///
    /// - Throws: ``UsageError`` where the file cannot be read or holds nothing.
    public static func read(_ option: String, of invocation: Invocation) throws(UsageError) -> String {
        let path = invocation.value(option) ?? ""
        guard !path.isEmpty else {
            throw UsageError("\(option) needs a file that holds the secret, or - for standard input")
        }
        let data: Data?
        if path == "-" {
            data = try? FileHandle.standardInput.read(upToCount: 65_536)
        } else {
            data = FileManager.default.contents(atPath: path)
        }
        guard let data else { throw UsageError("\(option): cannot read '\(path)'; check the path and its permissions") }
        let secret = String(decoding: data.prefix(65_536), as: UTF8.self).trimmingCharacters(
            in: .whitespacesAndNewlines)
        guard !secret.isEmpty else { throw UsageError("\(option): '\(path)' is empty") }
        guard !secret.contains(where: \.isNewline) else {
            throw UsageError("\(option): '\(path)' has more than one line; it must hold the secret alone")
        }
        return secret
    }
}
