import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type Difference, differences } from "./differences";
import { toServiceError } from "./failure";
import type { ProviderPackage } from "./package";
import type { StandIn } from "./standIn";
import { fromStruct, nameOfUrn, plain, toStruct, typeOfUrn } from "./wire";

/** Pulumi's provider protocol, as far as our program uses it; what is left out answers "unimplemented". */
export function providerService(provider: ProviderPackage, standIn: StandIn): UntypedServiceImplementation {
  return {
    getPluginInfo: unary(async () => new PluginInfo().setVersion(provider.version)),
    getSchema: unary(async () => new rpc.GetSchemaResponse().setSchema("{}")),
    cancel: unary(async () => new Empty()),
    checkConfig: unary(async (request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(async (request: rpc.DiffRequest) => diff(provider, request)),
    configure: unary(async (request: rpc.ConfigureRequest) => {
      provider.configure(plain(fromStruct(request.getArgs())));
      return new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    invoke: unary(async (request: rpc.InvokeRequest) =>
      new rpc.InvokeResponse().setReturn(toStruct(provider.invoke(request.getTok(), fromStruct(request.getArgs())))),
    ),
    check: unary(async (request: rpc.CheckRequest) => {
      const [type, name] = [typeOfUrn(request.getUrn()), nameOfUrn(request.getUrn())];
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      const inputs = provider.check(type, name, olds, news, request.getRandomseed_asU8());
      return new rpc.CheckResponse().setInputs(toStruct(inputs));
    }),
    diff: unary(async (request: rpc.DiffRequest) => diff(provider, request)),
    create: unary(async (request: rpc.CreateRequest) => {
      const inputs = fromStruct(request.getProperties());
      const type = typeOfUrn(request.getUrn());
      if (request.getPreview()) {
        return new rpc.CreateResponse().setProperties(toStruct(provider.foresee(type, inputs)));
      }
      const { id, properties } = await standIn.create(request.getUrn(), inputs, request.getTimeout());
      return new rpc.CreateResponse().setId(id).setProperties(toStruct(properties));
    }),
    update: unary(async (request: rpc.UpdateRequest) => {
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      const properties = request.getPreview()
        ? standIn.updated(olds, news)
        : await standIn.update(request.getUrn(), request.getId(), olds, news, request.getTimeout());
      return new rpc.UpdateResponse().setProperties(toStruct(properties));
    }),
    read: unary(async (request: rpc.ReadRequest) => {
      const [inputs, properties] = [fromStruct(request.getInputs()), fromStruct(request.getProperties())];
      const found = await standIn.read(request.getUrn(), request.getId(), inputs, properties);
      const response = new rpc.ReadResponse();
      if (found === undefined) return response;
      return response.setId(found.id).setInputs(toStruct(found.inputs)).setProperties(toStruct(found.properties));
    }),
    delete: unary(async (request: rpc.DeleteRequest) => {
      await standIn.delete(request.getUrn(), request.getId(), fromStruct(request.getOldInputs()));
      return new Empty();
    }),
  };
}

function unary<Request, Response>(handle: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

function diff(provider: ProviderPackage, request: rpc.DiffRequest): rpc.DiffResponse {
  const type = typeOfUrn(request.getUrn());
  const found = differences(type, fromStruct(request.getOldInputs()), fromStruct(request.getNews()));
  const response = new rpc.DiffResponse().setHasdetaileddiff(true);
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  if (found.length === 0) return response.setChanges(DIFF_NONE);
  for (const difference of found) {
    const property = difference.path.split(/[.[]/)[0] ?? "";
    response.addDiffs(property);
    if (difference.effect === "replace") response.addReplaces(property);
    response
      .getDetaileddiffMap()
      .set(difference.path, new rpc.PropertyDiff().setKind(kindOf(difference)).setInputdiff(true));
  }
  return response.setChanges(DIFF_SOME).setDeletebeforereplace(provider.deletesFirst(type));
}

function kindOf({ kind, effect }: Difference): rpc.PropertyDiff.Kind {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = rpc.PropertyDiff.Kind;
  const replaces = effect === "replace";
  switch (kind) {
    case "added":
      return replaces ? ADD_REPLACE : ADD;
    case "deleted":
      return replaces ? DELETE_REPLACE : DELETE;
    case "updated":
      return replaces ? UPDATE_REPLACE : UPDATE;
  }
}
