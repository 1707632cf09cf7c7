/** The little of jstat that is used: it has no types of its own. */
declare module "jstat" {
  export const jStat: {
    readonly studentt: {
      /** Quantile of Student's t. */
      inv(probability: number, degreesOfFreedom: number): number;
    };
  };
}
