package dev.rekindle.orchestrator.http;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotList;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.pool.FunctionPool;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import dev.rekindle.orchestrator.snapshot.Snapshots;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** The calls that make, describe and remove snapshots. */
public final class SnapshotRoutes {
  private final Snapshots snapshots;
  private final FunctionRegistry functions;

  public SnapshotRoutes(Snapshots snapshots, FunctionRegistry functions) {
    this.snapshots = snapshots;
    this.functions = functions;
  }

  void mount(Router router) {
    router.get("/v1/functions/:name/snapshots").handler(this::list);
    router.post("/v1/functions/:name/snapshots").handler(this::checkpoint);
    router.get("/v1/snapshots/:id").handler(c -> Replies.json(c, 200, named(c)));
    router.delete("/v1/snapshots/:id").handler(this::delete);
  }

  private SnapshotDescription named(RoutingContext context) {
    String id = context.pathParam("id");
    return snapshots
        .catalog()
        .find(id)
        .orElseThrow(
            () ->
                new ServiceException(
                    ProblemCode.UNKNOWN_SNAPSHOT, "There is no snapshot '%s'.".formatted(id)));
  }

  private void delete(RoutingContext context) {
    SnapshotDescription snapshot = named(context);
    if (snapshot.state() == SnapshotState.CREATING) {
      throw new ServiceException(
          ProblemCode.CONFLICT,
          "The snapshot '%s' is still being made.".formatted(snapshot.id()),
          "Wait until its state is ready, then delete it.");
    }
    Replies.nothing(context, snapshots.delete(snapshot.id()));
  }

  private void list(RoutingContext context) {
    String name = functions.get(context.pathParam("name")).function().name();
    Replies.json(context, 200, new SnapshotList(snapshots.catalog().list(name)));
  }

  private void checkpoint(RoutingContext context) {
    FunctionPool pool = functions.get(context.pathParam("name")).pool();
    Replies.json(
        context,
        201,
        pool.checkpointNow()
            .onSuccess(
                made -> context.response().putHeader("Location", "/v1/snapshots/" + made.id())));
  }
}
