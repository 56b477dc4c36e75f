// itk_filter FILTER PARAMETER uint8|uint16|float32 EDGE INPUT.raw OUTPUT.raw: one filter of ITK on a cube of
// raw voxels; linear and bspline make of the first EDGE / PARAMETER planes PARAMETER times as many.
#include <itkBSplineInterpolateImageFunction.h>
#include <itkBilateralImageFilter.h>
#include <itkBinShrinkImageFilter.h>
#include <itkFlatStructuringElement.h>
#include <itkGradientMagnitudeImageFilter.h>
#include <itkGrayscaleErodeImageFilter.h>
#include <itkLinearInterpolateImageFunction.h>
#include <itkMedianImageFilter.h>
#include <itkResampleImageFilter.h>
#include <itkSmoothingRecursiveGaussianImageFilter.h>

#include <iostream>

#include "itk_cube.h"

namespace {

/// Along z, voxels as cells.
template <class Interpolation, class Voxel>
void resample(double factor, const Image<Voxel>* image, const std::string& path) {
  auto filter = itk::ResampleImageFilter<Image<Voxel>, Image<Voxel>>::New();
  auto size = image->GetLargestPossibleRegion().GetSize();
  size[2] = static_cast<std::size_t>(static_cast<double>(size[2]) * factor);
  auto spacing = image->GetSpacing();
  spacing[2] /= factor;
  auto origin = image->GetOrigin();
  origin[2] += (spacing[2] - 1) / 2;
  filter->SetInput(image);
  filter->SetSize(size);
  filter->SetOutputSpacing(spacing);
  filter->SetOutputOrigin(origin);
  filter->SetInterpolator(Interpolation::New());
  write_result(filter, path);
}

template <class Voxel>
void run(const std::string& name, double parameter, const Image<Voxel>* image, const std::string& path) {
  using Same = Image<Voxel>;
  using Ball = itk::FlatStructuringElement<3>;
  const auto radius = itk::Size<3>::Filled(static_cast<itk::SizeValueType>(parameter));
  if (name == "median") {
    auto filter = itk::MedianImageFilter<Same, Same>::New();
    filter->SetInput(image);
    filter->SetRadius(radius);
    write_result(filter, path);
  } else if (name == "gaussian") {
    auto filter = itk::SmoothingRecursiveGaussianImageFilter<Same, Same>::New();
    filter->SetInput(image);
    filter->SetSigma(parameter);
    write_result(filter, path);
  } else if (name == "gradient") {
    auto filter = itk::GradientMagnitudeImageFilter<Same, Image<float>>::New();
    filter->SetInput(image);
    write_result(filter, path);
  } else if (name == "erode") {
    auto filter = itk::GrayscaleErodeImageFilter<Same, Same, Ball>::New();
    filter->SetInput(image);
    filter->SetKernel(Ball::Box(radius));
    write_result(filter, path);
  } else if (name == "linear") {
    resample<itk::LinearInterpolateImageFunction<Same>>(parameter, image, path);
  } else if (name == "bspline") {
    resample<itk::BSplineInterpolateImageFunction<Same>>(parameter, image, path);
  } else if (name == "binshrink") {
    auto filter = itk::BinShrinkImageFilter<Same, Same>::New();
    filter->SetInput(image);
    filter->SetShrinkFactors(static_cast<unsigned>(parameter));
    write_result(filter, path);
  } else if (name == "bilateral") {
    auto filter = itk::BilateralImageFilter<Same, Same>::New();
    filter->SetInput(image);
    filter->SetAutomaticKernelSize(false);
    filter->SetRadius(radius);
    filter->SetDomainSigma(4);
    filter->SetRangeSigma(50);
    write_result(filter, path);
  } else {
    throw std::runtime_error("no filter " + name);
  }
}

template <class Voxel>
void run_file(char** argv) {
  const std::string name = argv[1];
  const std::size_t edge = std::stoul(argv[4]);
  const std::size_t planes = name == "linear" || name == "bspline" ? edge / std::stoul(argv[2]) : edge;
  const auto image = read_planes<Voxel>(argv[5], edge, planes);
  run<Voxel>(name, std::stod(argv[2]), image.GetPointer(), argv[6]);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 7) throw std::runtime_error("FILTER PARAMETER TYPE EDGE INPUT OUTPUT");
    const std::string type = argv[3];
    if (type == "uint8")
      run_file<unsigned char>(argv);
    else if (type == "uint16")
      run_file<unsigned short>(argv);
    else
      run_file<float>(argv);
  } catch (const std::exception& error) {
    std::cerr << "itk_filter: " << error.what() << '\n';
    return 1;
  }
}
