public import CocoCompatibility
public import WebFrame

extension API {
    /// What answers Coco Server's paths, with what the API's handlers have.
    public static func coco(_ services: Services) -> OperationServer<CocoServices> {
        var known = CocoServices(
            store: services.store, searcher: services.searcher, signIn: services.signIn,
            administration: services.administration)
        (known.publicURL, known.version, known.wake) = (services.publicURL, services.version, services.wake)
        (known.log, known.metrics) = (services.log, services.metrics)
        return Coco.server(known) { $0.origins = services.origins }
    }
}
