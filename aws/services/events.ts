// The part of EventBridge that Hallpass uses; loaded when first called.

import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

export const Client = EventBridgeClient;
export const commands = { PutEvents: PutEventsCommand };
