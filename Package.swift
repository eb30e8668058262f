// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A library of the package. Every dependency is an arrow to a target declared further up this file.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// A C library installed from the distribution, reached through a module map.
func system(_ name: String, _ pkgConfig: String?, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "drawbridge",
    targets: [
        // C libraries and their small shims
        system("CSQLite", "sqlite3", "libsqlite3-dev"),
        system("CCurl", "libcurl", "libcurl4-openssl-dev"),
        system("CMicrohttpd", "libmicrohttpd", "libmicrohttpd-dev"),
        system("CSodium", "libsodium", "libsodium-dev"),
        system("COpenSSL", "libcrypto", "libssl-dev"),
        system("CZstd", "libzstd", "libzstd-dev"),
        system("CZlib", "zlib", "zlib1g-dev"),
        system("CArchive", "libarchive", "libarchive-dev"),
        system("CCmark", "libcmark-gfm", "libcmark-gfm-dev"),
        .target(name: "CMicrohttpdShim", dependencies: ["CMicrohttpd"]),
        .target(
            name: "CSimdJSON", cxxSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("m")]),
        .target(
            name: "CSearchTokenizer", dependencies: ["CSQLite"], cSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("stemmer")]),

        // Values and tools that know nothing of each other's features
        library("FastJSON", ["CSimdJSON"]),
        library("MarkupText"),
        library("AtlassianDocument", ["FastJSON", "MarkupText"]),
        library("IssueModel", ["AtlassianDocument"]),
        library("HTTPMessages"),
        library("Console"),
        library("Cryptography", ["CSodium", "COpenSSL"]),

        // One capability each
        library("Observability"),
        library("HTTPClient", ["HTTPMessages", "CCurl"]),
        library("IssueDecoding", ["FastJSON", "AtlassianDocument", "IssueModel"]),
        library("Pacing", ["IssueModel", "HTTPMessages"]),
        library("JiraClient", ["FastJSON", "IssueModel", "IssueDecoding", "HTTPMessages", "Pacing"]),
        library("AccessControl", ["AtlassianDocument", "IssueModel"]),
        library("AttachmentText", ["CArchive"]),
        library("Database", ["CSQLite"]),
        library("Packing", ["CZstd"]),
        library("StoreSchema", ["Database"]),
        library(
            "Store",
            ["FastJSON", "IssueModel", "AccessControl", "Database", "Cryptography", "Packing", "StoreSchema"]),
        library("Journal", ["FastJSON", "IssueModel", "Database", "Store"]),
        library("Verification", ["AccessControl", "Database", "Store"]),
        library("Workspace", ["IssueModel", "AccessControl", "Database", "Store", "Cryptography"]),
        library("AuditTrail", ["FastJSON", "IssueModel", "Database", "Store", "Workspace", "Cryptography"]),
        library(
            "SignIn",
            [
                "FastJSON", "IssueModel", "HTTPMessages", "AccessControl", "Database", "Store", "Workspace",
                "AuditTrail", "Cryptography",
            ]),
        library("Configuration", ["FastJSON", "Database", "Store", "AuditTrail"]),
        library("Backup", ["FastJSON", "Cryptography", "Database", "Store", "Observability"]),
        library("SearchLanguage", ["IssueModel"]),
        library("SingleSignOn", ["FastJSON", "HTTPMessages", "Cryptography"]),
        library(
            "SearchIndex",
            [
                "IssueModel", "AccessControl", "Database", "Store", "SearchLanguage", "CSQLite", "CZstd",
                "CSearchTokenizer",
            ]),
        library("WebServer", ["HTTPMessages", "CMicrohttpd", "CMicrohttpdShim"]),

        // Features
        library(
            "AccessSamples", ["IssueModel", "IssueDecoding", "JiraClient", "AccessControl", "Database", "Store"]),
        library(
            "AccessEngine",
            [
                "FastJSON", "IssueModel", "IssueDecoding", "HTTPMessages", "JiraClient", "AccessControl",
                "AccessSamples", "Database", "Store", "Journal", "Workspace", "SearchIndex", "Observability",
            ]),
        library(
            "SiteConnection",
            [
                "FastJSON", "IssueModel", "IssueDecoding", "HTTPMessages", "JiraClient", "AccessControl", "Database",
                "Store", "AccessEngine",
            ]),
        library(
            "JiraOAuth",
            [
                "FastJSON", "IssueModel", "HTTPMessages", "Cryptography", "JiraClient", "Database", "Store",
                "Workspace",
            ]),
        library("Secrets", ["IssueModel", "Cryptography", "Database", "Store", "JiraOAuth"]),
        library(
            "Webhooks",
            [
                "FastJSON", "IssueModel", "IssueDecoding", "HTTPMessages", "Cryptography", "JiraClient", "JiraOAuth",
                "Database",
                "Store", "Journal", "Observability",
            ]),
        library(
            "Reconciliation",
            [
                "FastJSON", "IssueModel", "IssueDecoding", "JiraClient", "AccessControl", "Database", "Store",
                "Journal", "SearchIndex", "AccessEngine", "Observability",
            ]),
        library(
            "SyncEngine",
            [
                "FastJSON", "AtlassianDocument", "IssueModel", "IssueDecoding", "HTTPMessages", "JiraClient",
                "AccessControl", "Database", "Store", "Journal", "SearchIndex", "AccessEngine", "SiteConnection",
                "Reconciliation", "Observability",
            ]),
        library(
            "Scheduling",
            [
                "FastJSON", "IssueModel", "JiraClient", "Database", "Store", "Journal", "AccessEngine",
                "SiteConnection", "Webhooks", "Reconciliation", "SyncEngine", "Observability",
            ]),
        library(
            "Reading",
            [
                "FastJSON", "AtlassianDocument", "IssueModel", "IssueDecoding", "AccessControl", "Database", "Store",
                "Journal",
                "SearchIndex", "Workspace",
            ]),

        library(
            "SourceAdministration",
            [
                "FastJSON", "IssueModel", "JiraClient", "AccessControl", "Database", "Store", "Journal", "Workspace",
                "AuditTrail", "SearchIndex", "SiteConnection", "Webhooks", "Reconciliation", "SyncEngine",
                "Scheduling", "Reading", "Observability", "Secrets", "Console", "AccessEngine",
            ]),
        library(
            "ChangeFeed",
            [
                "FastJSON", "IssueModel", "HTTPMessages", "HTTPClient", "Cryptography", "AccessControl", "Database",
                "Store", "Journal", "Workspace", "AuditTrail", "Reading", "Observability",
            ]),
        library(
            "SubscriptionCommands",
            ["Console", "FastJSON", "IssueModel", "Store", "Workspace", "AuditTrail", "ChangeFeed"]),

        // What is answered over HTTP
        library(
            "WebFrame",
            [
                "FastJSON", "HTTPMessages", "IssueModel", "Cryptography", "Observability", "Database", "Store",
                "Workspace", "SignIn", "WebServer", "CZlib",
            ]),
        library(
            "CocoCompatibility",
            [
                "FastJSON", "AtlassianDocument", "HTTPMessages", "IssueModel", "Cryptography", "JiraClient",
                "AccessControl", "Database", "Store", "Journal", "Workspace", "AuditTrail", "SignIn", "SearchIndex",
                "SiteConnection", "SyncEngine", "Scheduling", "Reading", "SourceAdministration", "Observability",
                "WebServer", "WebFrame",
            ]),
        library(
            "WebAPI",
            [
                "Configuration",
                "FastJSON", "HTTPMessages", "IssueModel", "Observability", "Cryptography", "JiraClient",
                "AccessControl", "Database", "Store", "Journal", "Workspace", "AuditTrail", "SignIn", "SingleSignOn",
                "SearchIndex",
                "SiteConnection", "Webhooks", "Reconciliation", "SyncEngine", "Scheduling", "Reading",
                "SourceAdministration", "ChangeFeed", "WebServer", "WebFrame", "CocoCompatibility", "JiraOAuth",
                "Secrets",
                "AccessEngine",
            ]),

        library(
            "Diagnosis",
            [
                "IssueModel", "HTTPMessages", "Pacing", "AttachmentText", "Database", "Store", "Configuration",
                "Backup",
                "SiteConnection", "CSQLite", "CCurl", "CMicrohttpd", "CSodium", "CZstd", "CArchive",
            ]),

        library(
            "Monitoring",
            [
                "FastJSON", "IssueModel", "HTTPMessages", "Observability", "Store", "Database", "WebServer",
                "Reading", "SourceAdministration",
            ]),

        // Boundaries at which bytes of strangers are read, for being given any
        system("CLibFuzzer", nil, "clang"),
        library(
            "Fuzzing",
            [
                "FastJSON", "AtlassianDocument", "IssueModel", "HTTPMessages", "Cryptography", "Pacing",
                "Configuration",
                "Backup", "SearchLanguage", "WebServer", "Webhooks", "SignIn",
            ]),

        // Commands of the program that need nothing else of it
        library(
            "AccountCommands",
            ["Console", "FastJSON", "IssueModel", "Store", "Workspace", "AuditTrail", "SignIn", "Reading"]),

        // A Jira to test against; must not import JiraClient
        library("SimulatedData", ["FastJSON"]),
        library("SimulatedSite", ["FastJSON", "SimulatedData"]),
        library("SimulatedRules", ["SimulatedSite"]),
        library("SimulatedChanges", ["FastJSON", "SimulatedData", "SimulatedSite"]),
        library("SimulatedAccess", ["SimulatedData", "SimulatedSite"]),
        library("SimulatedSearch", ["SimulatedData", "SimulatedSite", "SimulatedRules"]),
        library("SimulatedJSON", ["FastJSON", "SimulatedData", "SimulatedSite", "SimulatedRules"]),
        library(
            "SimulatedWebhooks",
            ["FastJSON", "SimulatedData", "SimulatedSite", "SimulatedSearch", "SimulatedJSON", "HTTPMessages"]),
        library("SimulatedOAuth", ["FastJSON", "HTTPMessages", "SimulatedSite"]),
        library(
            "JiraSimulator",
            [
                "FastJSON", "SimulatedOAuth", "SimulatedData", "SimulatedSite", "SimulatedRules", "SimulatedChanges",
                "SimulatedSearch",
                "SimulatedJSON", "SimulatedWebhooks", "HTTPMessages", "WebServer",
            ]),

        library(
            "SimulatorCommands",
            [
                "Console", "HTTPClient", "JiraOAuth", "SimulatedData", "SimulatedOAuth", "SimulatedSite",
                "SimulatedWebhooks", "JiraSimulator",
            ]),

        // Whole runs that a seed replays: order, time, network and disk
        library(
            "Simulation",
            [
                "HTTPMessages", "IssueModel", "JiraClient", "Database", "CSQLite", "SimulatedData", "SimulatedSite",
                "JiraSimulator",
            ]),

        // Programs: the only targets that read the environment or start top-level tasks
        program(
            "drawbridge",
            [
                "Console", "FastJSON", "AtlassianDocument", "IssueModel", "HTTPMessages", "HTTPClient", "WebServer",
                "JiraClient",
                "Scheduling", "Webhooks", "AttachmentText", "AccessControl", "Configuration", "AuditTrail",
                "Backup", "Diagnosis", "Monitoring", "Cryptography", "StoreSchema", "Database", "Store", "Journal",
                "Verification", "SearchIndex",
                "Reconciliation",
                "SiteConnection", "SyncEngine",
                "Reading",
                "Observability", "Workspace",
                "AccessEngine", "AccountCommands", "ChangeFeed", "SubscriptionCommands", "SignIn",
                "SourceAdministration", "WebFrame", "SingleSignOn", "WebAPI",
                "SimulatedSite", "JiraSimulator", "SimulatorCommands", "JiraOAuth", "Secrets",
            ]),
        program(
            "drawbridge-bench",
            [
                "IssueModel", "AccessControl", "Database", "Store", "Workspace", "SearchIndex", "FastJSON",
                "HTTPMessages", "HTTPClient", "JiraClient", "AccessEngine", "SiteConnection", "SyncEngine",
                "SimulatedData", "SimulatedSite", "SimulatedAccess", "SimulatedWebhooks", "JiraSimulator", "Webhooks",
                "WebServer",
                "Journal", "Reconciliation", "Scheduling", "Simulation", "ChangeFeed", "SignIn", "SourceAdministration",
                "WebFrame", "WebAPI",
            ]),
        program("drawbridge-fuzz", ["Fuzzing", "CLibFuzzer"]),
        // The hidden mode of drawbridge by itself, for the tests of AttachmentText
        program("AttachmentTextWorker", ["AttachmentText"]),

        tests("ArchitectureTests", []),
        tests("FastJSONTests", ["FastJSON"]),
        tests("AtlassianDocumentTests", ["AtlassianDocument", "FastJSON", "CCmark"], exclude: ["Fixtures"]),
        tests("IssueModelTests", ["IssueModel"]),
        // Keys that sign, for the tests of what checks signatures
        .target(
            name: "TestSigning", dependencies: ["Cryptography", "COpenSSL"], path: "Tests/TestSigning",
            swiftSettings: strict),
        tests("CryptographyTests", ["Cryptography", "TestSigning"]),
        tests(
            "SingleSignOnTests",
            ["SingleSignOn", "FastJSON", "HTTPMessages", "HTTPClient", "Cryptography", "TestSigning"]),
        tests("HTTPClientTests", ["HTTPClient", "HTTPMessages", "WebServer"]),
        tests("IssueDecodingTests", ["IssueDecoding", "IssueModel", "AtlassianDocument", "FastJSON"]),
        tests(
            "JiraClientTests",
            ["JiraClient", "Pacing", "IssueDecoding", "IssueModel", "AtlassianDocument", "FastJSON", "HTTPMessages"]),
        tests(
            "JiraClientSimulatorTests",
            ["JiraClient", "IssueDecoding", "IssueModel", "HTTPClient", "JiraSimulator", "SimulatedSite"]),
        tests("AccessControlTests", ["AccessControl", "IssueModel", "AtlassianDocument"]),
        tests("AttachmentTextTests", ["AttachmentText", "AttachmentTextWorker", "CArchive"]),
        tests("DatabaseTests", ["Database"]),
        tests("PackingTests", ["Packing"]),
        tests(
            "StoreTests",
            [
                "Store", "StoreSchema", "Journal", "Verification", "AtlassianDocument", "IssueModel", "AccessControl",
                "Database",
                "Cryptography",
            ]),
        tests("ObservabilityTests", ["Observability"]),
        tests(
            "BackupTests",
            [
                "Backup", "Cryptography", "Database", "FastJSON", "Observability", "Store", "StoreSchema", "Workspace",
            ]),
        tests(
            "DiagnosisTests",
            [
                "Diagnosis", "Backup", "Configuration", "Cryptography", "HTTPMessages", "SiteConnection", "Store",
                "IssueModel", "AccessControl",
            ]),
        tests("FuzzingTests", ["Fuzzing"]),
        tests(
            "MonitoringTests",
            ["Monitoring", "HTTPMessages", "Observability", "Store", "WebServer"]),
        tests("ConfigurationTests", ["AuditTrail", "Configuration", "Database", "Store", "Workspace"]),
        tests("WorkspaceTests", ["Workspace", "Store", "IssueModel", "AccessControl", "Database", "Cryptography"]),
        tests(
            "AuditTrailTests",
            ["AuditTrail", "FastJSON", "Workspace", "Store", "IssueModel", "Database", "Cryptography"]),
        tests(
            "SignInTests",
            [
                "SignIn", "AuditTrail", "HTTPMessages", "Workspace", "Store", "IssueModel", "AccessControl", "Database",
                "Cryptography",
            ]),
        tests(
            "AccessEngineTests",
            [
                "AccessEngine", "Workspace", "Store", "IssueModel", "AccessControl", "Database", "JiraClient",
                "HTTPMessages", "SimulatedSite", "SimulatedAccess", "JiraSimulator", "Journal",
                "Observability", "SearchIndex", "SiteConnection", "SyncEngine",
            ]),
        tests(
            "AccessEvidenceTests",
            [
                "Reading", "SiteConnection", "SyncEngine", "AccessEngine", "Workspace", "Store", "SearchIndex",
                "IssueModel",
                "AccessControl", "Database", "CSQLite", "JiraClient", "FastJSON", "SimulatedAccess",
                "SimulatedData", "SimulatedRules",
                "SimulatedSite", "JiraSimulator", "AccessSamples",
            ]),
        tests(
            "ReconciliationTests",
            [
                "Reconciliation", "SyncEngine", "SiteConnection", "AccessEngine", "JiraClient", "HTTPMessages",
                "IssueModel",
                "AccessControl", "Database", "Store", "Journal", "Workspace", "SearchIndex", "SimulatedSite",
                "SimulatedChanges", "SimulatedData", "JiraSimulator",
            ]),
        tests("SearchLanguageTests", ["SearchLanguage", "IssueModel"]),
        tests(
            "SearchIndexTests", ["SearchIndex", "Store", "StoreSchema", "IssueModel", "AccessControl", "Database"]),
        tests("WebServerTests", ["WebServer", "HTTPMessages"]),
        tests(
            "MemberAPITests",
            [
                "WebAPI", "WebFrame", "WebServer", "SignIn", "AuditTrail", "FastJSON", "HTTPMessages", "Workspace",
                "Store", "IssueModel", "Database", "SearchIndex", "SiteConnection", "SyncEngine",
                "SourceAdministration", "SingleSignOn", "Cryptography", "TestSigning",
            ]),
        tests("SiteConnectionTests", ["SiteConnection", "JiraClient"]),
        tests("WebFrameTests", ["WebFrame", "WebServer", "HTTPMessages", "SignIn", "Workspace", "FastJSON"]),
        tests(
            "WebAPITests",
            [
                "WebAPI", "AccessControl", "WebFrame", "AuditTrail", "FastJSON", "WebServer", "SignIn", "HTTPMessages",
                "HTTPClient",
                "Workspace", "Store",
                "IssueModel", "Database", "SearchIndex", "SiteConnection", "SyncEngine", "SourceAdministration",
            ]),
        tests(
            "OAuthAPITests",
            [
                "WebAPI", "WebFrame", "WebServer", "SignIn", "HTTPMessages", "HTTPClient", "FastJSON", "Workspace",
                "Store",
                "AuditTrail", "Database", "SearchIndex", "SiteConnection", "SyncEngine", "SourceAdministration",
                "JiraOAuth",
                "JiraSimulator", "SimulatedOAuth", "SimulatedSite",
            ]),
        tests(
            "CocoCompatibilityTests",
            [
                "CocoCompatibility", "FastJSON", "HTTPMessages", "IssueModel", "Cryptography", "Database", "Store",
                "Journal", "Workspace", "AuditTrail", "SignIn", "SearchIndex", "SiteConnection", "SyncEngine",
                "SourceAdministration", "WebServer", "WebFrame", "WebAPI", "JiraSimulator", "SimulatedSite",
            ]),
        tests(
            "WebhooksTests",
            [
                "Webhooks", "WebServer", "HTTPMessages", "HTTPClient", "FastJSON", "IssueModel",
                "AccessControl", "Cryptography", "Database", "Store", "Journal", "JiraClient", "Observability",
                "JiraSimulator", "SimulatedChanges", "SimulatedData", "SimulatedSite", "SimulatedWebhooks",
            ]),
        tests(
            "JiraOAuthTests",
            [
                "JiraOAuth", "JiraClient", "FastJSON", "IssueModel", "HTTPMessages", "AccessControl", "Database",
                "Store",
                "Workspace", "AccessEngine", "SiteConnection", "SimulatedOAuth", "SimulatedSite", "SimulatedData",
                "JiraSimulator",
            ]),
        tests(
            "SecretsTests",
            [
                "Secrets", "WebAPI", "SearchIndex", "Cryptography", "Database", "IssueModel", "Store",
            ]),
        tests(
            "SimulationTests",
            [
                "Simulation", "FastJSON", "SyncEngine", "SiteConnection", "Scheduling", "Webhooks", "Workspace",
                "Store", "Journal",
                "Verification", "SearchIndex", "IssueModel", "AccessControl", "Database", "JiraClient", "HTTPMessages",
                "SimulatedAccess", "SimulatedChanges", "SimulatedData", "SimulatedRules", "SimulatedSite",
                "SimulatedWebhooks", "JiraSimulator",
            ]),
        tests("SimulatedSearchTests", ["SimulatedSearch", "SimulatedSite", "SimulatedRules", "SimulatedData"]),
        tests("SimulatedSiteTests", ["SimulatedSite", "SimulatedRules", "SimulatedData", "FastJSON"]),
        tests(
            "SimulatedChangesTests",
            ["SimulatedChanges", "SimulatedAccess", "SimulatedSite", "SimulatedRules", "SimulatedData"]),
        tests(
            "SimulatedWebhooksTests",
            [
                "SimulatedWebhooks", "SimulatedChanges", "SimulatedSite", "SimulatedData",
                "JiraSimulator", "FastJSON", "HTTPMessages",
            ]),
        tests("SimulatedAccessTests", ["SimulatedAccess", "SimulatedSite", "SimulatedRules", "SimulatedData"]),
        tests(
            "JiraSimulatorTests",
            [
                "JiraSimulator", "SimulatedAccess", "SimulatedSite", "SimulatedRules", "SimulatedChanges",
                "SimulatedWebhooks", "SimulatedData", "FastJSON", "HTTPMessages", "HTTPClient",
            ]),
        tests(
            "SyncEngineTests",
            [
                "SiteConnection", "SyncEngine", "JiraClient", "IssueDecoding", "HTTPClient", "HTTPMessages",
                "IssueModel",
                "AccessControl", "Database", "Store", "Workspace", "SearchIndex", "SimulatedData", "SimulatedSite",
                "SimulatedAccess", "SimulatedRules", "SimulatedChanges",
                "JiraSimulator", "FastJSON", "Journal", "AccessEngine", "Reading",
            ]),
        tests(
            "SchedulingTests",
            [
                "Scheduling", "IssueModel", "JiraClient", "AccessControl", "Database", "Store", "Journal",
                "SiteConnection", "SyncEngine", "Simulation",
            ]),
        tests(
            "ReadingTests",
            [
                "Reading", "FastJSON", "AtlassianDocument", "IssueModel", "IssueDecoding", "AccessControl",
                "Database", "Store", "Journal", "Workspace", "SearchIndex",
            ]),
        tests(
            "ChangeFeedTests",
            [
                "ChangeFeed", "FastJSON", "IssueModel", "HTTPMessages", "HTTPClient", "Cryptography", "AccessControl",
                "AccessEngine", "Database", "Store", "Workspace", "AuditTrail", "SearchIndex", "JiraClient",
                "JiraSimulator", "SignIn", "SimulatedAccess", "SimulatedData", "SimulatedSite", "SiteConnection",
                "SourceAdministration", "SyncEngine", "WebAPI", "WebFrame", "WebServer",
            ]),
        tests(
            "CommandLineTests",
            [
                "FastJSON", "HTTPMessages", "HTTPClient", "WebServer", "SimulatedData", "SimulatedSite",
                "SimulatedWebhooks", "JiraSimulator",
            ]),

        // Disks that fail and programs that die, for the tests of what remains
        .target(name: "CFaultyDisk", dependencies: ["CSQLite"], path: "Tests/CFaultyDisk"),
        .target(
            name: "CSuddenDeath", path: "Tests/CSuddenDeath", linkerSettings: [.linkedLibrary("dl")]),
        tests(
            "CrashTests",
            [
                "FastJSON", "IssueModel", "JiraClient", "AccessControl", "Database", "Store", "StoreSchema",
                "Verification", "Workspace", "SearchIndex", "SiteConnection", "SyncEngine", "SimulatedData",
                "SimulatedSite", "JiraSimulator", "WebAPI", "CSQLite", "CFaultyDisk",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// Loaded into the program under test, and so a library of its own.
package.products.append(.library(name: "SuddenDeath", type: .dynamic, targets: ["CSuddenDeath"]))

// `DRAWBRIDGE_ONLY=StoreTests swift test` builds that target and what it needs, for quick work on one part.
if let only = Context.environment["DRAWBRIDGE_ONLY"] {
    var wanted: Set<String> = []
    func want(_ name: String) {
        guard wanted.insert(name).inserted else { return }
        for dependency in package.targets.first(where: { $0.name == name })?.dependencies ?? [] {
            if case .byNameItem(let name, _) = dependency { want(name) }
        }
    }
    only.split(separator: ",").forEach { want(String($0)) }
    package.targets.removeAll { !wanted.contains($0.name) }
    if !wanted.contains("CSuddenDeath") { package.products = [] }
}
