// itk_filter FILTER PARAMETER uint8|uint16|float32 EDGE INPUT.raw OUTPUT.raw: one filter of ITK on a cube of
// raw voxels.
#include <itkBilateralImageFilter.h>
#include <itkFlatStructuringElement.h>
#include <itkGradientMagnitudeImageFilter.h>
#include <itkGrayscaleErodeImageFilter.h>
#include <itkImage.h>
#include <itkMedianImageFilter.h>
#include <itkSmoothingRecursiveGaussianImageFilter.h>

#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

template <class Voxel>
using Image = itk::Image<Voxel, 3>;

template <class Voxel>
typename Image<Voxel>::Pointer read_cube(const std::string& path, std::size_t edge) {
  auto image = Image<Voxel>::New();
  image->SetRegions(typename Image<Voxel>::SizeType{{edge, edge, edge}});
  image->Allocate();
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(image->GetBufferPointer()),
            static_cast<std::streamsize>(edge * edge * edge * sizeof(Voxel)));
  if (!file) throw std::runtime_error(path + " is too short");
  return image;
}

template <class Filter>
void write_result(Filter filter, const std::string& path) {
  filter->Update();
  const auto image = filter->GetOutput();
  const auto count = image->GetLargestPossibleRegion().GetNumberOfPixels();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image->GetBufferPointer()),
             static_cast<std::streamsize>(count * sizeof(*image->GetBufferPointer())));
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
  const auto image = read_cube<Voxel>(argv[5], std::stoul(argv[4]));
  run<Voxel>(argv[1], std::stod(argv[2]), image.GetPointer(), argv[6]);
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
