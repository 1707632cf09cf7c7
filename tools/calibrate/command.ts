import { resolve } from "node:path";
import { main } from "./main";

void main(resolve(__dirname, "../.."));
