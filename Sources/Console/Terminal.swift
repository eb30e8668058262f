import Foundation
import Synchronization

/// Where the program speaks: results on standard output, everything else on standard error.
public enum Terminal {
    public static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    public static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    /// Writes a result. That it could not be written is told at the end, by ``outputFailure``.
    public static func print(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    public static func print(_ bytes: [UInt8]) {
        write(bytes + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    /// Writes a piece of a long answer.
    ///
    /// - Throws: ``OutputFailure`` where nobody reads it any more, or where it is a file and the disk is full.
    public static func stream(_ bytes: [UInt8]) throws {
        guard write(bytes, to: STDOUT_FILENO) else { throw OutputFailure(number: outputError.withLock { $0 }) }
    }

    /// A remark for the person at the terminal.
    public static func note(_ text: String) {
        progressLine.withLock { line in
            erase(&line)
            write(text + "\n", to: STDERR_FILENO)
        }
    }

    /// What kept a result from being written; `nil` where all of it was.
    public static var outputFailure: OutputFailure? {
        let number = outputError.withLock { $0 }
        return number == 0 ? nil : OutputFailure(number: number)
    }

    // MARK: Progress

    /// Shows `text` as the one line that changes while work goes on, at most ten times a second; nothing where standard
    /// error is not a terminal.
    public static func progress(_ text: String) {
        guard errorIsTerminal else { return }
        progressLine.withLock { line in
            let now = ContinuousClock.now
            if let last = line.drawn, now - last < .milliseconds(100) { return }
            line.drawn = now
            write("\r\u{1B}[K" + visible(text).prefix(columns - 1), to: STDERR_FILENO)
        }
    }

    /// Removes the progress line.
    public static func endProgress() {
        progressLine.withLock { erase(&$0) }
    }

    /// Says what is going on while `body` runs, if it takes longer than two seconds and somebody watches.
    public static func whileWorking<Result: Sendable>(
        on words: String, _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard errorIsTerminal else { return try await body() }
        let began = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: .seconds(2))
                while true {
                    progress("\(words) …  \((ContinuousClock.now - began).components.seconds) s")
                    try await Task.sleep(for: .seconds(1))
                }
            }
            defer {
                group.cancelAll()
                endProgress()
            }
            return try await body()
        }
    }

    private struct ProgressLine {
        /// When the line was last written; `nil` while there is none.
        var drawn: ContinuousClock.Instant?
    }

    private static let progressLine = Mutex(ProgressLine())
    private static let outputError = Mutex<Int32>(0)

    private static func erase(_ line: inout ProgressLine) {
        if line.drawn != nil { write("\r\u{1B}[K", to: STDERR_FILENO) }
        line.drawn = nil
    }

    private static var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    // MARK: Looks

    public static func bold(_ text: String) -> String { styled(text, "1") }
    public static func dim(_ text: String) -> String { styled(text, "2") }

    /// Looks whether the terminal, if there is one, takes styles and its user wants them (no-color.org). Until then there
    /// are none.
    public static func adapt(to environment: [String: String]) {
        let wants = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        hasStyles.withLock { $0 = outputIsTerminal && wants }
    }

    private static let hasStyles = Mutex(false)

    private static func styled(_ text: String, _ code: String) -> String {
        hasStyles.withLock { $0 } ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Somebody else's text without characters that would command the terminal: what Jira holds, anybody may have written.
    public static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isCommand) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isCommand(scalar) ? "\u{FFFD}" : scalar) }
        return String(result)
    }

    /// The same where standard output is a terminal; a file or another program gets the text as it is.
    public static func shown(_ text: String) -> String { outputIsTerminal ? visible(text) : text }

    private static func isCommand(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\n" && scalar != "\t") || (0x7F...0x9F).contains(scalar.value)
    }

    // MARK: Writing

    private static func write(_ text: some StringProtocol, to file: Int32) {
        write(Array(text.utf8), to: file)
    }

    @discardableResult
    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let number = errno
                if file == STDOUT_FILENO { outputError.withLock { $0 = number } }
                return false
            }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

/// Standard output did not take everything.
public struct OutputFailure: Error, CustomStringConvertible {
    /// The system's error number.
    public let number: Int32

    public var description: String {
        number == EPIPE
            ? "standard output was closed before everything was written"
            : "the result could not be written: \(String(cString: strerror(number)))"
    }
}
