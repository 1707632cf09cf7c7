import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { toStruct, type WireObject } from "./wire";

/** An object that exists and has not come to life: the engine keeps it, and tries again with the next update. */
export class InitFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: WireObject,
    readonly inputs: WireObject,
  ) {
    super(message);
  }
}

/** An error as gRPC carries it. */
export function toServiceError(error: unknown): ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof InitFailed) metadata.add("grpc-status-details-bin", Buffer.from(detailsOf(error)));
  return Object.assign(new Error(message), { code: status.UNKNOWN, details: message, metadata });
}

function detailsOf({ message, id, properties, inputs }: InitFailed): Uint8Array {
  const failed = new ErrorResourceInitFailed();
  failed.setId(id);
  failed.setProperties(toStruct(properties));
  failed.setInputs(toStruct(inputs));
  failed.setReasonsList([message]);
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const details = new Status();
  details.setCode(status.UNKNOWN);
  details.setMessage(message);
  details.addDetails(detail);
  return details.serializeBinary();
}
