public import Configuration
public import HTTPMessages
public import SiteConnection
public import Store

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Looks at the machine and the data folder, and says what is missing: what was found, what it means and what to do.
public struct InstallationChecks: Sendable {
    let dataFolder: String
    let environment: [String: String]
    let settings: SettingValues
    let transport: any HTTPTransport
    /// Milliseconds since 1970 by this machine's clock.
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - environment: The process's own, for `PATH` and for names that are misspelt.
    ///   - settings: As they hold for this process.
    ///   - transport: Asks the sites for their time, and the public address whether it is this server's.
    public init(
        dataFolder: String, environment: [String: String], settings: SettingValues, transport: any HTTPTransport,
        now: @escaping @Sendable () -> Int64
    ) {
        self.dataFolder = dataFolder
        self.environment = environment
        self.settings = settings
        self.transport = transport
        self.now = now
    }

    /// What can be said without opening the data.
    public func ofMachine() -> [SourceCheck] {
        [folder(), files(), space(), descriptors(), libraries(), variables()] + programs()
    }

    /// What the data says, and those it is about.
    public func ofData(_ store: Store) async -> [SourceCheck] {
        [await key(store), await backup(store)] + (await clocks(store)) + (await publicAddress(store))
    }

    // MARK: The data folder

    private func folder() -> SourceCheck {
        guard let status = Self.status(of: dataFolder) else {
            return SourceCheck(
                "data_folder", .ok, "The data folder \(dataFolder) does not exist yet; 'source add' makes it.")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return SourceCheck("data_folder", .fail, "\(dataFolder) is a file.", fix: "Name a folder with --data.")
        }
        guard access(dataFolder, W_OK) == 0 else {
            return SourceCheck(
                "data_folder", .fail, "The data folder \(dataFolder) cannot be written.",
                fix: "Allow this user to write to it.")
        }
        guard status.st_mode & 0o077 == 0 else {
            return SourceCheck(
                "data_folder", .warn, "Other users of this machine may enter the data folder.",
                why: "Whoever reads its files reads the copy.", fix: "Run 'chmod 700 \(dataFolder)'.")
        }
        return SourceCheck("data_folder", .ok, "The data folder \(dataFolder) is writable and private.")
    }

    private func files() -> SourceCheck {
        let open = Self.names(in: dataFolder).filter { name in
            guard let status = Self.status(of: dataFolder + "/" + name) else { return false }
            return status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o077 != 0
        }
        guard let first = open.first else {
            return SourceCheck("file_modes", .ok, "The files of the data folder are their owner's alone.")
        }
        return SourceCheck(
            "file_modes", first == "secret.key" ? .fail : .warn,
            "Other users of this machine may read \(open.prefix(5).joined(separator: ", ")).",
            why: "The key opens all credentials; the databases hold what was copied.",
            fix: "Run 'chmod 600 \(dataFolder)/*'.")
    }

    private func space() -> SourceCheck {
        var path = dataFolder
        while Self.status(of: path) == nil, path.contains("/") {
            path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }
        var status = statvfs()
        guard statvfs(path.isEmpty ? "." : path, &status) == 0 else {
            return SourceCheck("disk_space", .warn, "The free disk space cannot be told.")
        }
        let free = (UInt64(status.f_bavail) &* UInt64(status.f_frsize)) >> 20
        let held = Self.status(of: dataFolder + "/drawbridge.sqlite").map { UInt64($0.st_size) >> 20 } ?? 0
        let words = "\(free) MiB of disk space are free."
        // An upgrade and a purge need the database once more, a backup twice.
        if free < 256 {
            return SourceCheck(
                "disk_space", .fail, words, why: "Nothing can be stored once it is used up.", fix: "Free some space.")
        }
        guard free < max(1_024, 2 * held) else { return SourceCheck("disk_space", .ok, words) }
        return SourceCheck(
            "disk_space", .warn, words,
            why:
                "A site of 100,000 issues takes about 0.5 GB; backups and upgrades need twice the database's \(held) MiB.",
            fix: "Free some space, or move the data folder.")
    }

    // MARK: The machine

    private func descriptors() -> SourceCheck {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else {
            return SourceCheck("open_files", .warn, "The limit on open files cannot be told.")
        }
        let words = "A process may open \(limit.rlim_cur) files."
        guard limit.rlim_cur < 4_096 else { return SourceCheck("open_files", .ok, words) }
        return SourceCheck(
            "open_files", .warn, words, why: "Each connection takes one; the server takes fewer connections then.",
            fix: "Set LimitNOFILE=65536 in the service, or 'ulimit -n 65536' before 'drawbridge serve'.")
    }

    private func libraries() -> SourceCheck {
        SourceCheck(
            "libraries", .ok,
            "Libraries: " + LibraryVersions.all.map { "\($0.name) \($0.version)" }.joined(separator: ", ") + ".")
    }

    /// Variables that have a meaning here and are no settings: of tests and of the build.
    private static let otherVariables: Set<String> = [
        "DRAWBRIDGE_SHARED", "DRAWBRIDGE_REQUIRE_SHARED", "DRAWBRIDGE_ONLY", "DRAWBRIDGE_SEED", "DRAWBRIDGE_SEEDS",
        "DRAWBRIDGE_FIRST_SEED", "DRAWBRIDGE_PYTHON", "DRAWBRIDGE_CRASHES", "DRAWBRIDGE_CRASH_SEED",
        "DRAWBRIDGE_FAULTS", "DRAWBRIDGE_RECORD",
    ]

    private func variables() -> SourceCheck {
        if let problem = settings.problems.first {
            return SourceCheck(
                "settings", .fail, problem.message + ".", why: "The value does not count.",
                fix: "Correct it; docs/settings.md lists what each takes.")
        }
        let unknown = SettingValues.unknownVariables(in: environment, besides: Self.otherVariables)
        guard !unknown.isEmpty else { return SourceCheck("settings", .ok, "All settings are understood.") }
        return SourceCheck(
            "settings", .warn, "No setting is called \(unknown.prefix(5).joined(separator: ", ")).",
            why: "A misspelt variable counts as none.", fix: "'drawbridge settings list' shows the names.")
    }

    // MARK: Files

    static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.sorted()
    }
}
