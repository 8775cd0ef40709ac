package dev.rekindle.orchestrator.http;

import dev.rekindle.api.Deployment;
import dev.rekindle.api.Eviction;
import dev.rekindle.api.FunctionList;
import dev.rekindle.api.FunctionName;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.InstanceList;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyList;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.engine.sandbox.SandboxMemory;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.pool.FunctionRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** The calls that deploy, describe and remove functions. */
public final class FunctionRoutes {
  private static final int DEFAULT_TAIL_LINES = 200;

  private final Workers workers;
  private final FunctionRegistry functions;
  private final Policies policies;
  private final RequestBody body;

  /** The routes of one service. */
  public FunctionRoutes(
      Workers workers, FunctionRegistry functions, Policies policies, RequestBody body) {
    this.workers = workers;
    this.functions = functions;
    this.policies = policies;
    this.body = body;
  }

  void mount(Router router) {
    router.get("/v1/functions").handler(this::list);
    body.code(router.put("/v1/functions/:name")).handler(this::deploy);
    router.get("/v1/functions/:name").handler(this::describe);
    router.delete("/v1/functions/:name").handler(this::delete);
    router.get("/v1/functions/:name/instances").handler(this::instances);
    router.delete("/v1/functions/:name/instances").handler(this::evict);
    router.get("/v1/functions/:name/logs").handler(this::logs);
    router.get("/v1/functions/:name/policy").handler(this::policy);
    router.get("/v1/functions/:name/policy/beliefs").handler(this::beliefs);
    body.small(router.put("/v1/functions/:name/policy")).handler(this::choosePolicy);
    router
        .get("/v1/policies")
        .handler(c -> Replies.json(c, 200, new PolicyList(policies.descriptions())));
  }

  private FunctionRegistry.Registered named(RoutingContext context) {
    return functions.get(context.pathParam("name"));
  }

  private void list(RoutingContext context) {
    Replies.json(
        context, 200, new FunctionList(functions.all().stream().map(functions::describe).toList()));
  }

  private void describe(RoutingContext context) {
    Replies.json(context, 200, functions.describe(named(context)));
  }

  private void deploy(RoutingContext context) {
    String name = new FunctionName(context.pathParam("name")).value();
    int status = functions.contains(name) ? 200 : 201;
    if (status == 201) {
      context.response().putHeader("Location", "/v1/functions/" + name);
    }
    Replies.json(
        context,
        status,
        deployment(context)
            .compose(d -> functions.deploy(name, d.settings(), d.zip()))
            .onFailure(e -> context.response().headers().remove("Location")));
  }

  private Future<Deployment> deployment(RoutingContext context) {
    String type = String.valueOf(context.request().getHeader("Content-Type"));
    if (type.startsWith("application/json")) {
      byte[] json = RequestBody.bytes(context).getBytes();
      return workers.file(() -> Deployment.parse(json));
    }
    if (RequestBody.isMultipart(context)) {
      return multipart(context);
    }
    return Future.failedFuture(
        new ServiceException(
            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
            "A function is deployed with application/json or multipart/form-data, not " + type));
  }

  private Future<Deployment> multipart(RoutingContext context) {
    String inline = context.request().getFormAttribute(Deployment.PART_SETTINGS);
    Buffer settings =
        inline != null
            ? Buffer.buffer(inline)
            : RequestBody.file(context, Deployment.PART_SETTINGS)
                .orElseThrow(() -> missing(Deployment.PART_SETTINGS));
    Buffer code =
        RequestBody.file(context, Deployment.PART_CODE)
            .orElseThrow(() -> missing(Deployment.PART_CODE));
    return Future.succeededFuture(
        new Deployment(FunctionSettings.parse(settings.getBytes()), code.getBytes()));
  }

  private static InvalidFieldException missing(String part) {
    return new InvalidFieldException(
        part,
        "is missing",
        "Send part 'settings' (JSON) and part 'code' (a zip, with a file name).");
  }

  private void delete(RoutingContext context) {
    Replies.nothing(context, functions.delete(named(context).function().name()));
  }

  private void instances(RoutingContext context) {
    List<Future<InstanceDescription>> all =
        named(context).pool().instances().stream().map(this::describe).toList();
    Replies.json(
        context,
        200,
        Future.join(all)
            .otherwiseEmpty()
            .map(
                done ->
                    new InstanceList(
                        all.stream().filter(Future::succeeded).map(Future::result).toList())));
  }

  private Future<InstanceDescription> describe(Instance instance) {
    return workers
        .file(() -> instance.sandbox().memory())
        .map(memory -> describe(instance, memory));
  }

  private static InstanceDescription describe(Instance instance, SandboxMemory memory) {
    Instance.Origin origin = instance.origin();
    return new InstanceDescription(
        instance.id(),
        instance.state(),
        instance.start(),
        origin == null ? null : origin.id(),
        origin == null ? null : origin.mode(),
        instance.served(),
        memory.privateBytes(),
        memory.sharedBytes(),
        instance.createdAt());
  }

  private void evict(RoutingContext context) {
    Replies.json(context, 200, named(context).pool().evict().map(Eviction::new));
  }

  private void logs(RoutingContext context) {
    int lines = DEFAULT_TAIL_LINES;
    String tail = context.request().getParam("tail");
    if (tail != null) {
      try {
        lines = Integer.parseInt(tail);
      } catch (NumberFormatException e) {
        lines = 0;
      }
      if (lines < 1) {
        throw new InvalidFieldException(
            "tail", "is no number of lines", "Send a whole number from 1.");
      }
    }
    Replies.end(
        context, 200, "text/plain; charset=utf-8", Buffer.buffer(named(context).log().tail(lines)));
  }

  private void policy(RoutingContext context) {
    Replies.json(context, 200, named(context).function().settings().policy());
  }

  private void beliefs(RoutingContext context) {
    Replies.json(context, 200, named(context).policy().beliefs());
  }

  private void choosePolicy(RoutingContext context) {
    String name = named(context).function().name();
    PolicyChoice choice = PolicyChoice.parse(RequestBody.bytes(context).getBytes());
    Replies.json(context, 200, functions.choosePolicy(name, choice));
  }
}
