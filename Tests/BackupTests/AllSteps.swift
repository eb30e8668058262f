import Database
import StoreSchema
import Workspace

/// Every step that a store with a workspace has.
enum AllSteps {
    static let migrations: [Migration] = Schema.migrations + Workspace.migrations
}
